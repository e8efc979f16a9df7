"""A process's log, kept within bounds: the newest lines, each with the moment it was read."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from dataclasses import dataclass, field

LINE_LIMIT_BYTES = 8_192
READ_BYTES = 65_536


@dataclass(slots=True, eq=False)
class LogRing:
    """The newest ``limit_lines`` lines of its pipes, at most ``limit_bytes`` of them as written.

    A thread for each empties the pipe without end, so that no writer ever blocks. Marks
    count lines since the beginning; lines that fell out of the ring are gone.
    """

    limit_lines: int = 2_000
    limit_bytes: int = 1_000_000
    _lines: deque[tuple[float, bytes]] = field(default_factory=deque)
    _bytes: int = 0
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def follow(self, fd: int) -> threading.Thread:
        """Read a pipe's end until it closes; the thread that does, over once all of it is read.

        Owns the descriptor.
        """
        thread = threading.Thread(target=self._read, args=(fd,), name="ripstop-log", daemon=True)
        thread.start()
        return thread

    @property
    def mark(self) -> int:
        """A place in the log: everything read from here on comes after it."""
        with self._lock:
            return self._count

    def since(self, mark: int) -> tuple[str, ...]:
        """The lines read after a mark, oldest first, without those that fell out."""
        return tuple(text for _, text in self.timed_since(mark))

    def timed_since(self, mark: int) -> tuple[tuple[float, str], ...]:
        """As ``since``, each line with the ``time.time()`` at which it was read."""
        with self._lock:
            wanted = max(0, min(self._count - mark, len(self._lines)))
            lines = list(self._lines)[len(self._lines) - wanted :]
        return tuple((at, _text(line)) for at, line in lines)

    def tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines, oldest first."""
        return self.since(self.mark - lines)

    def _read(self, fd: int) -> None:
        pending = b""
        try:
            while data := os.read(fd, READ_BYTES):
                *whole, pending = (pending + data).split(b"\n")
                self._keep(whole)
                if len(pending) > LINE_LIMIT_BYTES:
                    self._keep([pending])
                    pending = b""
        except OSError:
            pass
        finally:
            if pending:
                self._keep([pending])
            os.close(fd)

    def _keep(self, raw: list[bytes]) -> None:
        now = time.time()
        with self._lock:
            for line in raw:
                kept = line[:LINE_LIMIT_BYTES]
                self._lines.append((now, kept))
                self._bytes += len(kept)
                self._count += 1
                while len(self._lines) > self.limit_lines or self._bytes > self.limit_bytes:
                    self._bytes -= len(self._lines.popleft()[1])


def _text(line: bytes) -> str:
    """Decoded only when asked for: escaping a flood of junk would slow the writer down."""
    return line.rstrip(b"\r").decode("utf-8", "backslashreplace")
