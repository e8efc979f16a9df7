"""The parent's side of the warden: start a command under one, hear how it fares, end it."""

from __future__ import annotations

import marshal
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ripstop.errors import StartError
from ripstop.service.account import Account
from ripstop.service.log import LogRing

WARDEN = Path(__file__).with_name("warden.py")
START_LIMIT_S = 10.0
END_LIMIT_S = 8.0


def unmade(what: str) -> Path:
    """A name for a temporary folder of ours, to be told to a warden before the folder is made."""
    return Path(tempfile.gettempdir()) / f"ripstop-{what}-{secrets.token_hex(8)}"


@dataclass(slots=True, eq=False)
class Watched:
    """One command under a warden of its own. ``log`` is what the command wrote on both outputs."""

    log: LogRing
    _warden: subprocess.Popen[bytes]
    _reading: threading.Thread
    _grace_s: float = 0.5
    _pid: int | None = None
    _refused: int | None = None
    _exit: int | None = None
    _pending: bytes = b""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def spawn(cls, *, remove: Sequence[str] = (), log: LogRing | None = None) -> Watched:
        """Start a warden that keeps nothing yet; ``remove`` are directories it clears at the end."""
        read_end, write_end = os.pipe()
        try:
            warden = subprocess.Popen(
                [sys.executable, "-I", "-S", str(WARDEN)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=write_end,
                cwd="/",
                start_new_session=True,
                bufsize=0,
            )
        finally:
            os.close(write_end)
        ring = log or LogRing()
        watched = cls(ring, warden, ring.follow(read_end))
        watched._order({"remove": list(remove)})
        return watched

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str,
        account: Account | None = None,
        stop: int = signal.SIGTERM,
        grace_s: float = 0.5,
    ) -> int:
        """Start the command; its pid. Raises OSError with the errno of a refused execution."""
        self._grace_s = grace_s
        run = {
            "argv": list(argv),
            "env": dict(env),
            "cwd": cwd,
            "uid": account.uid if account else None,
            "gid": account.gid if account else None,
            "stop": int(stop),
            "grace_s": grace_s,
        }
        self._order({"run": run})
        deadline = time.monotonic() + START_LIMIT_S
        while self._pid is None and self._refused is None:
            if not self._hear(deadline - time.monotonic()):
                raise StartError(
                    "warden-died", "the process that guards servers ended", details=self.log.tail()
                )
        if self._refused is not None:
            raise OSError(self._refused, os.strerror(self._refused))
        assert self._pid is not None
        return self._pid

    @property
    def pid(self) -> int | None:
        return self._pid

    @property
    def guard(self) -> int:
        """The warden, of which all that the command started descends, whoever its parent was."""
        return self._warden.pid

    @property
    def exit_status(self) -> int | None:
        """None while the command runs; negative where a signal ended it."""
        with self._lock:
            while self._exit is None and self._hear(0):
                pass
            if self._exit is None and self._pid and self._warden.poll() is not None:
                self._exit = -signal.SIGKILL
            return self._exit

    def wait(self, timeout_s: float) -> int | None:
        """The exit status, waited for at most so long."""
        deadline = time.monotonic() + timeout_s
        while (status := self.exit_status) is None and (left := deadline - time.monotonic()) > 0:
            with self._lock:
                self._hear(min(left, 0.05))
        return status

    def signal(self, number: int) -> None:
        """Send the command a signal; nothing happens where it is over already."""
        self._order({"signal": int(number)})

    def keep_files(self) -> None:
        """Take back what the warden was to remove at the end."""
        self._order({"remove": []})

    def stop(self) -> int | None:
        """End everything and wait for it; the command's exit status. A second call changes nothing."""
        if self._warden.stdin and not self._warden.stdin.closed:
            with suppress(OSError):
                self._warden.stdin.close()
        deadline = time.monotonic() + self._grace_s + END_LIMIT_S
        try:
            # Its answers end when it does: sooner noticed than by asking for its status.
            with self._lock:
                while self._hear(deadline - time.monotonic()):
                    pass
            self._warden.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._warden.kill()
            self._warden.wait()
        status = self.exit_status
        self._reading.join(1.0)
        if self._warden.stdout:
            self._warden.stdout.close()
        return status

    def _order(self, order: dict[str, Any]) -> None:
        assert self._warden.stdin is not None
        with suppress(OSError, ValueError):
            body = marshal.dumps(order)
            self._warden.stdin.write(len(body).to_bytes(4, "big") + body)

    def _hear(self, timeout_s: float) -> bool:
        """Read what the warden says; False at the time limit and at its end."""
        pipe = self._warden.stdout
        if pipe is None or pipe.closed:
            return False
        ready, _, _ = select.select([pipe], [], [], max(0.0, timeout_s))
        data = os.read(pipe.fileno(), 4096) if ready else b""
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            word, _, number = line.partition(b" ")
            if word == b"pid":
                self._pid = int(number)
            elif word == b"refused":
                self._refused = int(number)
            elif word == b"exit":
                self._exit = int(number)
        return bool(data)
