"""The vocabulary of PostgreSQL's protocol: message types and the few messages we send ourselves.

A message is one type byte and a length of four bytes that counts itself (PostgreSQL 18, 54.7
"Message Formats"). What a message means for a session is in `states` and `session`.
"""

from __future__ import annotations

import struct
from typing import Final

HEADER: Final = 5
"""Bytes before a message's body: its type and its length."""

SYNC: Final = b"S\0\0\0\4"
FLUSH: Final = b"H\0\0\0\4"
TERMINATE: Final = b"X\0\0\0\4"

read_length = struct.Struct(">I").unpack_from

ROWS: Final = frozenset(b"Dd")
"""DataRow and CopyData: many, and of no interest one by one."""
_RUN: Final = 64


class WireError(Exception):
    """Bytes that are no protocol message, or not where the protocol allows them."""


def message(kind: bytes, body: bytes) -> bytes:
    """One framed message."""
    return b"%c%b%b" % (kind, (len(body) + 4).to_bytes(4, "big"), body)


def text(value: str | bytes) -> bytes:
    """A String of the protocol: the bytes and a NUL, which they cannot hold themselves."""
    raw = value.encode() if isinstance(value, str) else value
    return raw.replace(b"\0", b"") + b"\0"


def query(sql: str) -> bytes:
    """A simple Query."""
    return message(b"Q", text(sql))


def parse(name: str, sql: str) -> bytes:
    """Parse of a statement without declared parameter types."""
    return message(b"P", text(name) + text(sql) + b"\0\0")


def bind(portal: str, statement: str) -> bytes:
    """Bind without parameters, every format text."""
    return message(b"B", text(portal) + text(statement) + bytes(6))


def execute(portal: str) -> bytes:
    """Execute to the end."""
    return message(b"E", text(portal) + bytes(4))


def close_statement(name: str) -> bytes:
    return message(b"C", b"S" + text(name))


def close_portal(name: str) -> bytes:
    return message(b"C", b"P" + text(name))


def ready(status: str) -> bytes:
    """ReadyForQuery with a transaction status: ``I``, ``T`` or ``E``."""
    return message(b"Z", status.encode())


def past_rows(buffer: bytes, position: int) -> int:
    """Where the DataRow and CopyData messages end that begin at ``position`` and are there whole.

    Rows of one table are often equally long, so the next ``_RUN`` headers are compared at one
    stroke; where they differ it goes one by one for a while.
    """
    size, singly = len(buffer), 0
    while size - position >= HEADER:
        tag = buffer[position]
        (length,) = read_length(buffer, position + 1)
        end = position + 1 + length
        if tag not in ROWS or end > size or length < 4:
            break
        if not singly:
            if _alike(buffer, position, length + 1):
                position += (length + 1) * _RUN
                continue
            singly = _RUN
        singly -= 1
        position = end
    return position


def _alike(buffer: bytes, position: int, stride: int) -> bool:
    """Whether ``_RUN`` messages of the same type and length begin here and are whole."""
    stop = position + stride * _RUN
    if stop > len(buffer):
        return False
    return all(
        buffer[position + at : stop : stride] == buffer[position + at : position + at + 1] * _RUN
        for at in (4, 3, 0, 1, 2)
    )


def string_at(buffer: bytes, start: int, end: int) -> tuple[bytes, int]:
    """The String that begins at ``start``, and where it ends; raises WireError where it does not."""
    stop = buffer.find(0, start, end)
    if stop < 0:
        raise WireError("a string without its end")
    return buffer[start:stop], stop + 1
