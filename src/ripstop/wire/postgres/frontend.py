"""What a client sends: messages found in a byte stream, statements and portals by name.

Tells `session` what will be owed and stops at each statement, so that the reader can decide about
it before a byte of it goes on. Bytes are handed out again exactly as they came.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final

from ripstop.wire.postgres.messages import HEADER, WireError, read_length, string_at
from ripstop.wire.postgres.names import Names
from ripstop.wire.postgres.session import Asked, Owed, Session
from ripstop.wire.postgres.states import BIND, CALL, CLOSE, DESCRIBE, EXECUTE, PARSE, SYNC

PREFIX_BYTES: Final = 65_536
"""Longer messages are passed on in pieces; names and the SQL shown are read from so much of them."""


class Stop(Enum):
    """Places other than a statement where the reader may ask to be stopped."""

    SYNC = "sync"
    FLUSH = "flush"


class Frontend:
    """The client's half of a session.

    ``receive`` bytes, call ``advance`` until it returns None, then ``take`` what may be passed on.
    ``limit_bytes`` bounds a Query or Parse that is read whole; larger ones stream through.
    With ``watch`` set, ``advance`` stops after each Sync and Flush too.
    """

    def __init__(self, session: Session, *, limit_bytes: int = 16 << 20) -> None:
        self.watch = False
        self.terminated = False
        self._session = session
        self._limit_bytes = limit_bytes
        self._buffer = b""
        self._parts: list[bytes] = []
        self._missing = 0
        self._last = 0
        self._position = 0
        self._skip = 0
        self._statements, self._portals, self._started = Names(), Names(), Names()

    @property
    def waiting_bytes(self) -> int:
        """Bytes received and not yet handed out."""
        return len(self._buffer) + sum(map(len, self._parts))

    def receive(self, data: bytes) -> None:
        if self._missing > 0:
            # Joined once enough is there: adding piece by piece would copy a large message over and over.
            self._parts.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                return
            data, self._parts = b"".join(self._parts), []
        self._buffer = self._buffer + data if self._buffer else data

    def advance(self) -> Asked | Stop | None:
        """Read on to the next statement; None where more bytes are needed. Raises WireError."""
        if self._missing > 0:
            return None
        buffer, size = self._buffer, len(self._buffer)
        if self._skip:
            passed = min(self._skip, size - self._position)
            self._skip -= passed
            self._position += passed
        while size - self._position >= HEADER:
            start = self._position
            (length,) = read_length(buffer, start + 1)
            end = start + 1 + length
            if length < 4:
                raise WireError(f"a message of {length} bytes")
            if end > size:
                if not self._streams(buffer[start], length, size - start):
                    return None
                self._skip, end = end - size, size
            found = self._read(buffer, start, end)
            self._last, self._position = start, end
            if found is not None:
                return found
        return None

    def take(self) -> bytes:
        """Everything read so far and not handed out yet."""
        buffer, position = self._buffer, self._position
        self._position = 0
        if position == len(buffer):
            self._buffer = b""
            return buffer
        self._buffer = buffer[position:]
        return buffer[:position]

    def split(self) -> tuple[bytes, bytes]:
        """Like ``take``, with the last message apart: what came before it, and itself."""
        last = self._last
        taken = self.take()
        return taken[:last], taken[last:]

    def rest(self) -> bytes:
        """All bytes left, read or not: the reader gives up."""
        left = b"".join((self._buffer, *self._parts))
        self._buffer, self._parts, self._position, self._missing = b"", [], 0, 0
        return left

    def _streams(self, tag: int, length: int, present: int) -> bool:
        limit = self._limit_bytes if tag in _READ_WHOLE else PREFIX_BYTES
        wanted = PREFIX_BYTES if length > limit else length + 1
        self._missing = max(0, wanted - present)
        return not self._missing

    def _read(self, buffer: bytes, start: int, end: int) -> Asked | Stop | None:
        read = _READERS.get(buffer[start])
        if read is None:
            raise WireError(f"unknown message {chr(buffer[start])!r} of a client")
        return read(self, buffer, start + HEADER, end)

    def _query(self, buffer: bytes, start: int, end: int) -> Asked:
        stop = buffer.find(0, start, end)
        whole = not self._skip
        self._statements.drop(b"")
        self._portals.drop(b"")
        sql = buffer[start : stop if stop >= 0 else end].decode(errors="replace")
        return self._session.ask(sql, simple=True, whole=whole)

    def _parse(self, buffer: bytes, start: int, end: int) -> None:
        name, at = string_at(buffer, start, end)
        stop = buffer.find(0, at, end)
        sql = buffer[at : stop if stop >= 0 else end].decode(errors="replace")
        self._statements.put(name, sql)
        self._session.owe(_PARSE)

    def _bind(self, buffer: bytes, start: int, end: int) -> None:
        portal, at = string_at(buffer, start, end)
        statement, _ = string_at(buffer, at, end)
        self._portals.put(portal, self._statements.get(statement))
        self._started.drop(portal)
        self._session.owe(_BIND)

    def _describe(self, _buffer: bytes, _start: int, _end: int) -> None:
        self._session.owe(_DESCRIBE)

    def _execute(self, buffer: bytes, start: int, end: int) -> Asked | None:
        portal, _ = string_at(buffer, start, end)
        if portal in self._started:
            # A suspended portal goes on: the same statement.
            self._session.owe(_RESUME)
            return None
        self._started.put(portal, "")
        return self._session.ask(self._portals.get(portal), simple=False)

    def _close(self, buffer: bytes, start: int, end: int) -> None:
        name, _ = string_at(buffer, start + 1, end)
        if buffer[start : start + 1] == b"S":
            self._statements.drop(name)
        else:
            self._portals.drop(name)
            self._started.drop(name)
        self._session.owe(_CLOSE)

    def _sync(self, _buffer: bytes, _start: int, _end: int) -> Stop | None:
        self._session.owe(_SYNC)
        return Stop.SYNC if self.watch else None

    def _flush(self, _buffer: bytes, _start: int, _end: int) -> Stop | None:
        return Stop.FLUSH if self.watch else None

    def _call(self, _buffer: bytes, _start: int, _end: int) -> None:
        self._session.owe(_CALL)

    def _copy_end(self, _buffer: bytes, _start: int, _end: int) -> None:
        self._session.copy_end()

    def _terminate(self, _buffer: bytes, _start: int, _end: int) -> None:
        self.terminated = True

    def _pass(self, _buffer: bytes, _start: int, _end: int) -> None:
        pass


_READ_WHOLE = frozenset(b"QP")
_PARSE, _BIND, _DESCRIBE, _CLOSE = Owed(PARSE), Owed(BIND), Owed(DESCRIBE), Owed(CLOSE)
_RESUME, _SYNC, _CALL = Owed(EXECUTE), Owed(SYNC), Owed(CALL)

_Reader = Callable[[Frontend, bytes, int, int], Asked | Stop | None]
_READERS: Final[dict[int, _Reader]] = {
    ord(tag): reader
    for tag, reader in {
        "Q": Frontend._query,
        "P": Frontend._parse,
        "B": Frontend._bind,
        "D": Frontend._describe,
        "E": Frontend._execute,
        "C": Frontend._close,
        "S": Frontend._sync,
        "H": Frontend._flush,
        "F": Frontend._call,
        "c": Frontend._copy_end,
        "f": Frontend._copy_end,
        "d": Frontend._pass,
        "p": Frontend._pass,
        "X": Frontend._terminate,
    }.items()
}
