"""What a server sends: messages found in a byte stream, and what of it may reach the client.

A chunk of which nothing is to be hidden, kept back or rewritten is scanned and handed on as it
is. What each message means for the session is in `session`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from ripstop.wire.postgres.errors import read_fields, rewritten
from ripstop.wire.postgres.messages import HEADER, ROWS, WireError, past_rows, read_length
from ripstop.wire.postgres.session import Owed, Session
from ripstop.wire.postgres.states import START

STREAM_BYTES: Final = 65_536
"""Longer messages are passed on in pieces."""
_ERROR, _READY, _COPY_IN = b"EZG"
_ALWAYS_TOLD = frozenset(b"SA")


class _Fate(Enum):
    RELAY = "relay"
    HIDE = "hide"
    KEEP = "keep"


class Backend:
    """The server's half of a session.

    ``relay`` takes bytes and gives what may go to the client now. ``careful`` makes it look at
    each message; set it while any reply is hidden or kept. Kept bytes are bounded by
    ``limit_bytes``: beyond it everything is let go and ``overflowed`` turns True.
    """

    def __init__(self, session: Session, *, limit_bytes: int = 16 << 20) -> None:
        self.careful = False
        self.overflowed = False
        self._session = session
        self._limit_bytes = limit_bytes
        self._tail = b""
        self._skip = 0
        self._fate = _Fate.RELAY
        self._keeping = False
        self._kept: list[bytes] = []
        self._kept_bytes = 0

    @property
    def waiting_bytes(self) -> int:
        """Bytes received and not yet handed out."""
        return len(self._tail) + self._kept_bytes

    def relay(self, data: bytes) -> bytes:
        """Read what came; raises WireError where it is no message or out of place."""
        buffer = self._tail + data if self._tail else data
        self._tail = b""
        try:
            return self._scan(buffer)
        except WireError:
            self._tail = buffer
            raise

    def _scan(self, buffer: bytes) -> bytes:
        if self.careful or self._skip:
            return self._carefully(buffer)
        on, size, position = self._session.on, len(buffer), 0
        while size - position >= HEADER:
            tag = buffer[position]
            (length,) = read_length(buffer, position + 1)
            end = position + 1 + length
            if end > size or length < 4:
                break
            if tag in ROWS:
                position = past_rows(buffer, position)
                continue
            on(tag, buffer, position + HEADER, end)
            position = end
        if position == size:
            return buffer
        return buffer[:position] + self._carefully(buffer[position:])

    def release(self) -> bytes:
        """Stop keeping back, and hand out what was kept."""
        self._keeping = False
        kept, self._kept, self._kept_bytes = b"".join(self._kept), [], 0
        return kept

    def rest(self) -> bytes:
        """All bytes left, whole or not: the reader gives up."""
        left, self._tail = self.release() + self._tail, b""
        return left

    def _carefully(self, buffer: bytes) -> bytes:
        out: list[bytes] = []
        size, position = len(buffer), min(self._skip, len(buffer))
        if self._skip:
            self._skip -= position
            self._route(out, self._fate, buffer[:position])
        while size - position >= HEADER:
            tag = buffer[position]
            (length,) = read_length(buffer, position + 1)
            end = position + 1 + length
            if length < 4:
                raise WireError(f"a message of {length} bytes")
            if end > size:
                if length <= STREAM_BYTES or size - position < STREAM_BYTES:
                    break
                self._skip, end = end - size, size
            self._message(out, tag, buffer[position:end])
            position = end
        self._tail = buffer[position:]
        return b"".join(out)

    def _message(self, out: list[bytes], tag: int, whole: bytes) -> None:
        head = self._session.head()
        self._fate = self._fate_of(tag, head)
        if tag == _ERROR and head and head.hidden:
            self._error(out, head.changes, whole)
        else:
            self._route(out, self._fate, whole)
        if tag not in ROWS:
            self._session.on(tag, whole, HEADER, len(whole))
        if tag == _COPY_IN and self._keeping:
            # The client sends its rows only once it has read this.
            out.append(self.release())
            self._keeping = True

    def _fate_of(self, tag: int, head: Owed | None) -> _Fate:
        if head and head.hidden:
            return _Fate.RELAY if tag in _ALWAYS_TOLD else _Fate.HIDE
        if head and head.keep and (head.replies is not START or tag == _READY):
            # Logging in is a conversation: only its end can be kept back.
            head.keep, self._keeping = False, True
        return _Fate.KEEP if self._keeping else _Fate.RELAY

    def _error(self, out: list[bytes], changes: Mapping[str, str | None] | None, whole: bytes) -> None:
        fields = read_fields(whole[HEADER:])
        if fields.get("V", fields.get("S")) != "ERROR":
            out.append(whole)
        elif changes is not None and self._skip:
            self._fate = _Fate.RELAY
            out.append(whole)
        elif changes is not None:
            out.append(rewritten(whole, changes))

    def _route(self, out: list[bytes], fate: _Fate, piece: bytes) -> None:
        if fate is _Fate.RELAY:
            out.append(piece)
        elif fate is _Fate.KEEP:
            self._kept.append(piece)
            self._kept_bytes += len(piece)
            if self._kept_bytes > self._limit_bytes:
                self.overflowed, self._fate = True, _Fate.RELAY
                out.append(self.release())
