"""Where RESP messages end in a stream of bytes: no value is built, and no byte is changed.

Source: the Redis serialization protocol specification (RESP2 and RESP3, streamed types included),
and for requests the server's own reading of them (networking.c: processInlineBuffer and
processMultibulkBuffer). What a message means is read in ``requests`` and ``replies``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

LINE_LIMIT_BYTES: Final = 65_536
"""The longest line a server reads too (PROTO_INLINE_MAX_SIZE)."""
BLOB_LIMIT_BYTES: Final = 512 << 20
"""The longest string (proto-max-bulk-len)."""
COUNT_LIMIT: Final = (1 << 31) - 1
DEPTH_LIMIT: Final = 64
_PART_BYTES: Final = 65_536
_CRLF: Final = b"\r\n"


class WireError(Exception):
    """Bytes that are not RESP, or beyond its bounds. Raised wherever it is noticed first."""


class Shape(Enum):
    """What a line announces."""

    LEAF = "a whole element"
    BLOB = "so many bytes and CRLF"
    GROUP = "so many elements"
    ATTRIBUTE = "so many elements that are about the element after them"
    OPEN = "elements up to an END"
    CHUNKS = "CHUNKs up to an empty one"
    CHUNK = "so many bytes and CRLF, within CHUNKS"
    LAST_CHUNK = "the end of CHUNKS"
    END = "the end of an OPEN group"


Head = tuple[Shape, int]
Grammar = Callable[[bytes, Shape | None], Head]
"""Reads one line, without its end, within a group of a shape (None at the top)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One message, or a part of one that is larger than the limit. ``value`` is where its value begins
    in ``raw``, behind attributes."""

    raw: bytes
    first: bool = True
    last: bool = True
    value: int = 0

    @property
    def whole(self) -> bool:
        return self.first and self.last


class Framer:
    """Bytes in with ``receive``, pieces out with ``next`` until it returns None.

    Messages up to ``limit_bytes`` come whole, larger ones in parts as they arrive. With ``inline``
    a line at the top that begins with no ``*`` is a message of its own, ended by a line feed.
    """

    def __init__(self, grammar: Grammar, *, limit_bytes: int, inline: bool = False) -> None:
        self._grammar = grammar
        self._limit_bytes = limit_bytes
        self._inline = inline
        self._buffer = b""
        self._gathered: list[bytes] = []
        self._missing = 0
        self._start = self._at = self._value = self._payload = 0
        self._streaming = False
        self._groups: list[tuple[Shape, int]] = []

    @property
    def waiting_bytes(self) -> int:
        """Bytes received and not yet handed out."""
        return len(self._buffer) - self._start + sum(map(len, self._gathered))

    @property
    def in_parts(self) -> bool:
        """A message larger than the limit was handed out in part; its end is still to come."""
        return self._streaming

    def receive(self, data: bytes) -> None:
        if self._missing > 0:
            # Joined once enough is there: adding piece by piece would copy a long string over and over.
            self._gathered.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                return
            data, self._gathered = b"".join(self._gathered), []
        self._buffer = self._buffer + data if self._buffer else data

    def rest(self) -> bytes:
        """Everything not yet handed out, for somebody who passes it on unread."""
        out = self._buffer[self._start :] + b"".join(self._gathered)
        self._buffer, self._gathered, self._missing = b"", [], 0
        self._start = self._at = 0
        return out

    def next(self) -> Piece | None:
        """The next message or part; None where more bytes are needed. Raises WireError."""
        if self._missing > 0:
            return None
        while True:
            done = self._pass_payload() if self._payload else self._pass_line()
            if done is None:
                return self._part()
            if done:
                return self._cut(last=True)
            if self._at - self._start > (_PART_BYTES if self._streaming else self._limit_bytes):
                return self._cut(last=False)

    def _pass_line(self) -> bool | None:
        """Read one line: True where it ends the message, None where it is not all there."""
        buffer, at = self._buffer, self._at
        bare = self._inline and not self._groups and buffer[at : at + 1] not in (b"*", b"")
        end = buffer.find(b"\n" if bare else _CRLF, at)
        if end < 0 or end - at > LINE_LIMIT_BYTES:
            if len(buffer) - at > LINE_LIMIT_BYTES:
                raise WireError(f"a line is longer than {LINE_LIMIT_BYTES} bytes")
            return None
        if bare:
            self._at = end + 1
            return True
        self._at = end + 2
        return self._announce(self._grammar(buffer[at:end], self._groups[-1][0] if self._groups else None))

    def _announce(self, head: Head) -> bool:
        shape, number = head
        if shape in (Shape.BLOB, Shape.CHUNK):
            self._payload = number + 2
            return False
        if shape in (Shape.GROUP, Shape.ATTRIBUTE) and number:
            self._open(shape, number)
            return False
        if shape is Shape.ATTRIBUTE:
            self._value = self._at - self._start
            return False
        if shape in (Shape.OPEN, Shape.CHUNKS):
            self._open(shape, -1)
            return False
        if shape in (Shape.END, Shape.LAST_CHUNK):
            self._groups.pop()
        return self._completed()

    def _open(self, shape: Shape, number: int) -> None:
        if len(self._groups) >= DEPTH_LIMIT:
            raise WireError(f"more than {DEPTH_LIMIT} groups within one another")
        self._groups.append((shape, number))

    def _pass_payload(self) -> bool | None:
        """Skip a string: True where it ends the message, None where it is not all there."""
        left = len(self._buffer) - self._at
        if left < self._payload:
            size = self._at - self._start + self._payload
            if self._streaming or size > self._limit_bytes:
                # Its CRLF is kept together, so that it can be seen whole.
                taken = max(0, min(left, self._payload - 2))
                self._at += taken
                self._payload -= taken
            else:
                self._missing = self._payload - left
            return None
        self._at += self._payload
        self._payload = 0
        if self._buffer[self._at - 2 : self._at] != _CRLF:
            raise WireError("a string is not followed by CRLF")
        return self._completed() if not self._groups or self._groups[-1][0] is not Shape.CHUNKS else False

    def _completed(self) -> bool:
        """One element is over, and with it the groups it was the last of; True at the message's end."""
        groups = self._groups
        while groups:
            shape, left = groups[-1]
            if left < 0:
                return False
            if left > 1:
                groups[-1] = (shape, left - 1)
                return False
            groups.pop()
            if shape is Shape.ATTRIBUTE:
                if not groups:
                    self._value = self._at - self._start
                return False
        return True

    def _part(self) -> Piece | None:
        """What there is of a message beyond the limit; otherwise drop what was handed out."""
        over = self._streaming or self._payload + self._at - self._start > self._limit_bytes
        if over and self._at > self._start:
            return self._cut(last=False)
        if self._start:
            self._buffer = self._buffer[self._start :]
            self._at -= self._start
            self._start = 0
        return None

    def _cut(self, *, last: bool) -> Piece:
        piece = Piece(self._buffer[self._start : self._at], not self._streaming, last, self._value)
        self._start, self._value, self._streaming = self._at, 0, not last
        return piece


def number_in(line: bytes, what: str, limit: int) -> int:
    """The length or count behind a line's first byte, at least -1. Raises WireError."""
    text = line[1:]
    digits = text[1:] if text[:1] in (b"-", b"+") else text
    if not digits.isdigit() or len(digits) > 10:
        raise WireError(f"{what} is no number: {line[:32]!r}")
    number = int(text)
    if not -1 <= number <= limit:
        raise WireError(f"{what} of {number} is beyond the limit of {limit}")
    return number
