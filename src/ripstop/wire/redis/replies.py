"""What a server sends: replies, errors and pushes, RESP2 and RESP3, as far as a proxy must know them.

Source: the Redis protocol specification ("RESP protocol description"), streamed strings and
aggregates included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ripstop.wire.redis.framing import (
    BLOB_LIMIT_BYTES,
    COUNT_LIMIT,
    Framer,
    Head,
    Piece,
    Shape,
    WireError,
    number_in,
)
from ripstop.wire.redis.requests import Rest

_LINES: Final = b"+-:_,#("
_BLOBS: Final = b"$!="
_GROUPS: Final = {b"*": 1, b"~": 1, b">": 1, b"%": 2, b"|": 2}
_NULLS: Final = (b"_", b"$-1", b"*-1")
_CODE_LIMIT: Final = 40


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of a server's. ``kind`` is the first byte of its value as text (``+ - : $ * > %`` ...).

    Where ``whole`` is False it is larger than the limit and ``raw`` its beginning; Rests follow.
    """

    raw: bytes
    kind: str
    whole: bool = True
    value: int = 0

    @property
    def error(self) -> str:
        """An error's first word (``WRONGTYPE``), empty for any other reply."""
        if self.kind == "-":
            text = self.raw[self.value + 1 : self.value + 1 + _CODE_LIMIT]
        elif self.kind == "!":
            begin = self.raw.index(b"\r\n", self.value) + 2
            text = self.raw[begin : begin + _CODE_LIMIT]
        else:
            return ""
        return (text.split() or [b"ERR"])[0].decode("ascii", "backslashreplace")

    @property
    def null(self) -> bool:
        """Nothing: no value, no element, a transaction that did not happen."""
        end = self.raw.find(b"\r\n", self.value)
        return self.raw[self.value : end] in _NULLS

    @property
    def pushed(self) -> bool:
        """A RESP3 push: it answers no command."""
        return self.kind == ">"

    def words(self, wanted: int = 3) -> tuple[bytes, ...]:
        """The first elements of an array or push as text; elements that are groups end the list."""
        found: list[bytes] = []
        at = self.raw.find(b"\r\n", self.value) + 2
        while self.kind in "*>" and at > 1 and len(found) < wanted:
            end = self.raw.find(b"\r\n", at)
            mark, text = self.raw[at : at + 1], self.raw[at + 1 : end]
            if end < 0 or mark in _GROUPS:
                break
            at = end + 2
            if mark == b"$" and text != b"-1":
                if not text.isdigit():
                    break
                text = self.raw[at : at + int(text)]
                at += len(text) + 2
            found.append(text)
        return tuple(found)


class Replies:
    """The server's half of a connection: bytes in, replies out, in order."""

    def __init__(self, *, limit_bytes: int = 16 << 20) -> None:
        self._framer = Framer(_grammar, limit_bytes=limit_bytes)

    @property
    def waiting_bytes(self) -> int:
        return self._framer.waiting_bytes

    def receive(self, data: bytes) -> None:
        self._framer.receive(data)

    def next(self) -> Reply | Rest | None:
        """None where more bytes are needed. Raises WireError."""
        piece = self._framer.next()
        if piece is None:
            return None
        return _reply(piece) if piece.first else Rest(piece.raw, piece.last)

    def rest(self) -> bytes:
        """Everything not yet handed out."""
        return self._framer.rest()


def error(text: str) -> bytes:
    """An error reply, RESP2 and RESP3 alike; the code is its first word."""
    return f"-{text}\r\n".encode()


def _grammar(line: bytes, within: Shape | None) -> Head:
    mark = line[:1]
    if within is Shape.CHUNKS:
        return _chunk(line)
    if mark and mark in _LINES:
        return Shape.LEAF, 0
    if mark and mark in _BLOBS:
        if line == b"$?":
            return Shape.CHUNKS, 0
        size = number_in(line, "the length of a string", BLOB_LIMIT_BYTES)
        return (Shape.LEAF, 0) if size < 0 else (Shape.BLOB, size)
    if mark in _GROUPS:
        return _group(line, _GROUPS[mark])
    if line == b"." and within is Shape.OPEN:
        return Shape.END, 0
    raise WireError(f"no reply begins with {line[:16]!r}")


def _group(line: bytes, each: int) -> Head:
    if line[1:] == b"?" and line[:1] != b"|":
        return Shape.OPEN, 0
    count = number_in(line, "a number of elements", COUNT_LIMIT)
    if line[:1] == b"|":
        return Shape.ATTRIBUTE, max(0, count) * each
    return (Shape.GROUP, count * each) if count > 0 else (Shape.LEAF, 0)


def _chunk(line: bytes) -> Head:
    if line[:1] != b";":
        raise WireError(f"expected a chunk of a string, got {line[:16]!r}")
    size = number_in(line, "the length of a chunk", BLOB_LIMIT_BYTES)
    return (Shape.LAST_CHUNK, 0) if size <= 0 else (Shape.CHUNK, size)


def _reply(piece: Piece) -> Reply:
    kind = piece.raw[piece.value : piece.value + 1].decode("latin-1")
    return Reply(piece.raw, kind, piece.whole, piece.value)
