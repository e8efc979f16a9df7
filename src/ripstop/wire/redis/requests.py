"""What a client sends: arrays of strings and inline commands, each with its first arguments.

Source: the Redis protocol specification ("Sending commands to a Redis server", "Inline commands");
inline quoting as the server reads it (sds.c: sdssplitargs).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ripstop.wire.redis.framing import BLOB_LIMIT_BYTES, Framer, Head, Piece, Shape, WireError, number_in
from ripstop.wire.redis.words import split

ARGUMENTS_LIMIT: Final = 1_048_576
"""The most arguments a server accepts (PROTO_MULTIBULK_MAX)."""
KEPT_ARGUMENTS: Final = 1_000
KEPT_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True)
class Request:
    """One command as it came. ``args`` are its first arguments, the name first, each cut at 4,096 bytes.

    ``count`` is how many there are in truth. Where ``whole`` is False the command is larger than the
    limit and ``raw`` its beginning; Rests follow.
    """

    raw: bytes
    args: tuple[bytes, ...]
    count: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Rest:
    """A further part of a message too large to be kept."""

    raw: bytes
    last: bool


class Requests:
    """The client's half of a connection: bytes in, requests out, in order."""

    def __init__(self, *, limit_bytes: int = 16 << 20) -> None:
        self._framer = Framer(_grammar, limit_bytes=limit_bytes, inline=True)
        self._refused = b""

    @property
    def waiting_bytes(self) -> int:
        return self._framer.waiting_bytes

    @property
    def in_parts(self) -> bool:
        """The beginning of a large request was handed out, and not its end."""
        return self._framer.in_parts

    def receive(self, data: bytes) -> None:
        self._framer.receive(data)

    def next(self) -> Request | Rest | None:
        """None where more bytes are needed. Raises WireError."""
        piece = self._framer.next()
        if piece is None:
            return None
        if not piece.first:
            return Rest(piece.raw, piece.last)
        try:
            return _request(piece)
        except WireError:
            self._refused = piece.raw
            raise

    def rest(self) -> bytes:
        """Everything not yet handed out, what was refused included."""
        return self._refused + self._framer.rest()


def encode(*args: bytes | str) -> bytes:
    """A command as clients send it: an array of bulk strings."""
    parts = [arg.encode() if isinstance(arg, str) else arg for arg in args]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def _grammar(line: bytes, within: Shape | None) -> Head:
    if within is None:
        return Shape.GROUP, max(0, number_in(line, "a number of arguments", ARGUMENTS_LIMIT))
    if line[:1] != b"$":
        raise WireError(f"expected '$', got {line[:1]!r}")
    size = number_in(line, "the length of an argument", BLOB_LIMIT_BYTES)
    if size < 0:
        raise WireError("the length of an argument is below 0")
    return Shape.BLOB, size


def _request(piece: Piece) -> Request:
    raw = piece.raw
    if raw[:1] != b"*":
        args = split(raw.decode("latin-1"))
        return Request(raw, tuple(arg[:KEPT_BYTES] for arg in args[:KEPT_ARGUMENTS]), len(args))
    end = raw.index(b"\r\n")
    count = max(0, int(raw[1:end]))
    return Request(raw, _arguments(raw, end + 2, min(count, KEPT_ARGUMENTS)), count, piece.whole)


def _arguments(raw: bytes, at: int, wanted: int) -> tuple[bytes, ...]:
    """The arguments that are there; the first one that is not whole, and those after it, are left out."""
    found: list[bytes] = []
    while len(found) < wanted:
        end = raw.find(b"\r\n", at)
        if end < 0:
            break
        size = int(raw[at + 1 : end])
        at = end + 2 + size + 2
        if at > len(raw):
            break
        found.append(raw[end + 2 : end + 2 + min(size, KEPT_BYTES)])
    return tuple(found)
