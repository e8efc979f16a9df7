"""The project's servers for questions: started and set up when the first is asked, then kept."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ripstop.config import Config
from ripstop.errors import UsageError
from ripstop.mcp import reader
from ripstop.model.address import PostgresAddress
from ripstop.rig.parts import founded
from ripstop.rig.stands.postgres import PostgresStand
from ripstop.state.connection import connect


@dataclass(slots=True, eq=False)
class Standing:
    """Readers by seam. May be asked from any thread; whoever asks first waits for the start."""

    config: Callable[[], Config]
    _readers: dict[str, PostgresAddress] | None = None
    _closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reader(self, seam: str = "") -> tuple[str, PostgresAddress]:
        """A seam's name and how the role that can only SELECT connects; the only one where none is named.

        Raises UsageError ``unknown-seam``, ``which-seam``, and what starting raises.
        """
        with self._lock:
            if self._readers is None:
                self._readers = self._start()
            known = self._readers
        if seam in known:
            return seam, known[seam]
        if not seam and len(known) == 1:
            return next(iter(known.items()))
        names = ", ".join(known) or "none"
        if seam or not known:
            raise UsageError("unknown-seam", f"no postgres seam {seam!r}", way_out=f"configured: {names}")
        raise UsageError("which-seam", "there are several databases", way_out=f"name one of {names}")

    def close(self) -> None:
        """Stop the servers. A second call changes nothing."""
        with self._lock:
            self._readers = None
            self._closing.close()

    def _start(self) -> dict[str, PostgresAddress]:
        config = self.config()
        parts = self._closing.enter_context(founded(config))
        found, secret = {}, secrets.token_hex(16)
        for name, stand in parts.stands.items():
            if isinstance(stand, PostgresStand):
                here = replace(stand.server.admin, database=stand.service.database)
                with contextlib.closing(connect(here)) as admin:
                    found[name] = reader.admit(admin, here, secret)
        return found
