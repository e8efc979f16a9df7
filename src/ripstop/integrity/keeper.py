"""Keeps one command: when it is over, or is to be, everything that it started is ended, whatever it became.

Run as a script of its own (``python -I -S keeper.py FD GRACE_S COMMAND...``), Linux and standard library
only. Orphans are handed to it (prctl(2), PR_SET_CHILD_SUBREAPER), so that what moved to a session of its
own is found below it, and nothing else is. Once all is ended it says so on a descriptor, and ends as the
command did. Who listens to the command is `process`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

_SUBREAPER = 36
_GENTLY_S = 1.0
_KILL_S = 5.0
_POLL_S = 0.01


def main() -> int:
    told, grace_s, command = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    os.set_inheritable(told, False)

    def hurry(*_: int | FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, grace_s)

    ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGALRM, lambda *_: _end(signal.SIGKILL))
    signal.signal(signal.SIGTERM, hurry)
    pid = os.fork()
    if pid == 0:
        _become(command)
    status = _over(pid)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.killpg(0, signal.SIGTERM)
    for number, limit_s in ((0, _GENTLY_S), (signal.SIGTERM, _GENTLY_S), (signal.SIGKILL, _KILL_S)):
        if _gone(number, limit_s):
            os.write(told, b".")
            break
    return status


def _become(command: list[str]) -> None:
    """Turn a forked child into the command, with every signal as it comes."""
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def _over(pid: int) -> int:
    """Wait for the command, burying what else dies; its exit status, negative a signal."""
    while True:
        dead, status = os.wait()
        if dead == pid:
            return os.waitstatus_to_exitcode(status)


def _gone(number: int, limit_s: float) -> bool:
    """Whether all of it is gone within a time, after a signal to each; to kill is done until it is."""
    deadline = time.monotonic() + limit_s
    _end(number)
    while _left():
        if time.monotonic() > deadline:
            return False
        if number == signal.SIGKILL:
            _end(number)
        time.sleep(_POLL_S)
    return True


def _end(number: int) -> None:
    for pid in _below():
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def _left() -> list[int]:
    """What is still below, the dead buried."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return _below()


def _below() -> list[int]:
    """Every process below this one that has not died yet."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = stat.read_bytes().rpartition(b")")[2].split()[:2]
            if state != b"Z":
                children.setdefault(int(parent), []).append(int(stat.parent.name))
    found: list[int] = []
    front = [os.getpid()]
    while front:
        front = [child for parent in front for child in children.get(parent, ())]
        found += front
    return found


if __name__ == "__main__":
    ended = main()
    if ended < 0:
        signal.signal(-ended, signal.SIG_DFL) if -ended not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), -ended)
    sys.exit(ended)
