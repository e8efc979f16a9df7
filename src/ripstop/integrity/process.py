"""Running an agent's command or pytest: heard line by line, bounded in time, ended with what it left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_END_S = 20
_KEEPER_S = 8
"""What a keeper takes at most, beyond that, to end all of it."""
_LIMIT_BYTES = 32 * 1024 * 1024

Watch = Callable[[bytes], str]
"""Hears each line; what it answers other than nothing is why the command is to be ended now."""


@dataclass(frozen=True, slots=True)
class Ran:
    """``status`` None: out of time, or it ended what kept it. ``stopped`` is why it was ended before.

    ``said`` is at most 32 MiB.
    """

    status: int | None
    said: bytes
    stopped: str = ""


def ignore(_: bytes) -> str:
    """A watcher that lets everything pass."""
    return ""


def run(
    command: Sequence[str], folder: Path, env: Mapping[str, str], timeout_s: float, watch: Watch = ignore
) -> Ran:
    """Run a command to its end, until time is up, or until a watcher ends it."""
    end, told = os.pipe()
    process = subprocess.Popen(
        [*_kept(told), *command],
        cwd=folder,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=(told,),
    )
    os.close(told)
    assert process.stdout is not None
    listener = _Listener(process.stdout, process.pid, watch)
    listener.thread.start()
    try:
        status: int | None = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        status = None
    finally:
        _end(process)
        listener.thread.join(_END_S)
        whole = bool(os.read(end, 1)) or not _kept(end)
        os.close(end)
    if status is not None and not whole:
        return Ran(None, bytes(listener.heard), "what kept it was ended")
    return Ran(status, bytes(listener.heard), listener.stopped)


def _kept(told: int) -> list[str]:
    """What stays above a command, so that whatever it starts is found and ended before anybody goes on."""
    script = Path(__file__).with_name("keeper.py")
    return (
        [sys.executable, "-I", "-S", str(script), str(told), str(_END_S)] if sys.platform == "linux" else []
    )


class _Listener:
    """Reads what a process prints, in a thread of its own, until nobody holds its end any more."""

    def __init__(self, stream: IO[bytes], pid: int, watch: Watch) -> None:
        self._stream, self._pid, self._watch = stream, pid, watch
        self.heard = bytearray()
        self.stopped = ""
        self.thread = threading.Thread(target=self._listen, daemon=True)

    def _listen(self) -> None:
        with self._stream:
            for line in self._stream:
                self.heard += line[: _LIMIT_BYTES - len(self.heard)]
                if not self.stopped and (why := self._watch(line)):
                    self.stopped = why
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.killpg(self._pid, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError, subprocess.TimeoutExpired):
            os.killpg(process.pid, number)
            process.wait(_END_S + _KEEPER_S)
