"""The warden: keeps one command and all its descendants, and ends them when its parent is gone.

Run as a script of its own (``python -I -S warden.py``), standard library only, so that it outlives
whatever happens to the process that started it. It reads orders on standard input and takes the
end of that input as the death of its parent; it answers in lines on standard output; standard
error is the command's log. What to start and how the parent listens is ``watch.py``'s business.
Modules that are slow to import (json, dataclasses, contextlib) are left out: they would take
three times as long as all the rest of a start.

Orders, each a marshalled dictionary behind its length (4 bytes, big endian):
    ``{"remove": [PATH, ...]}``  directories to remove at the end (replaces the list)
    ``{"run": {argv, env, cwd, uid, gid, stop, grace_s}}``  the one command
    ``{"signal": N}``  pass a signal to the command, if it still runs
Answers: ``pid N``, ``refused ERRNO``, ``exit STATUS`` (negative: the signal), ``gone``.
"""

# contextlib is one of them.
# ruff: noqa: SIM105

from __future__ import annotations

import ctypes
import marshal
import os
import select
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
POLL_S = 0.5
KILL_LIMIT_S = 5.0

_libc = ctypes.CDLL(None, use_errno=True)


class Ward:
    """What the warden keeps: the command's pid (0 once it is over) and what to do at the end."""

    __slots__ = ("ended", "grace_s", "pid", "remove", "stop")

    def __init__(self) -> None:
        self.pid = 0
        self.stop = int(signal.SIGTERM)
        self.grace_s = 0.5
        self.remove: list[str] = []
        self.ended = False


def say(line: str) -> None:
    """Tell the parent; it may be gone."""
    try:
        os.write(1, f"{line}\n".encode())
    except OSError:
        pass


def launch(order: dict[str, Any]) -> int:
    """Start the command in a session of its own; its pid, or 0 where it cannot be executed."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _become(order)
        except OSError as error:
            os.write(write_end, str(error.errno).encode())
        finally:
            os._exit(127)
    os.close(write_end)
    refusal = os.read(read_end, 16).decode()
    os.close(read_end)
    if refusal:
        os.waitpid(pid, 0)
        say(f"refused {refusal}")
        return 0
    say(f"pid {pid}")
    return pid


def _become(order: dict[str, Any]) -> None:
    """Turn this forked child into the command. Raises OSError; never returns otherwise."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if order.get("uid") is not None:
        os.setgroups([])
        os.setgid(order["gid"])
        os.setuid(order["uid"])
    # A later setuid would clear it: only now.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.chdir(order["cwd"])
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    argv: list[str] = order["argv"]
    os.execvpe(argv[0], argv, order["env"])  # noqa: S606


def kill(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    try:
        os.kill(pid, number)
    except OSError:
        pass


def descendants() -> list[int]:
    """Every process below this one, whatever session it moved to (orphans are handed to us)."""
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(name))
    found: list[int] = []
    front = [os.getpid()]
    while front:
        front = [child for parent in front for child in parents.get(parent, ())]
        found += front
    return found


def reap(ward: Ward) -> None:
    """Collect the dead and report the command's own end."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid == ward.pid:
            ward.pid = 0
            say(f"exit {os.waitstatus_to_exitcode(status)}")


def finish(ward: Ward) -> None:
    """Ask the command to stop, then kill whatever is left, then clear up."""
    if ward.pid:
        kill(ward.pid, ward.stop)
        _wait(ward, time.monotonic() + ward.grace_s)
    deadline = time.monotonic() + KILL_LIMIT_S
    while (left := descendants()) and time.monotonic() < deadline:
        for pid in left:
            kill(pid, signal.SIGKILL)
        time.sleep(0.002)
        reap(ward)
    for path in ward.remove:
        remove(path)
    say("gone")


def _wait(ward: Ward, deadline: float) -> None:
    """Until the command is over; its other processes get what remains of the grace."""
    pause = 0.001
    while time.monotonic() < deadline:
        reap(ward)
        if not ward.pid:
            return
        time.sleep(pause)
        pause = min(pause * 1.5, 0.01)


def remove(path: str) -> None:
    """Remove a directory tree without following any link in it, or a single file."""
    try:
        if not os.path.isdir(path):  # noqa: PTH112
            os.unlink(path)  # noqa: PTH108
            return
        for _, folders, files, at in os.fwalk(path, topdown=False):
            for name in (*files, *folders):
                _remove_entry(name, at)
        os.rmdir(path)  # noqa: PTH106
    except OSError:
        pass


def _remove_entry(name: str, at: int) -> None:
    """The walk lists a link to a folder as a folder, and it may lie: ask the kernel."""
    try:
        os.unlink(name, dir_fd=at)
    except (IsADirectoryError, PermissionError):
        _remove_folder(name, at)
    except OSError:
        pass


def _remove_folder(name: str, at: int) -> None:
    try:
        os.rmdir(name, dir_fd=at)
    except OSError:
        pass


def obey(ward: Ward, order: dict[str, Any]) -> None:
    """Carry out one order."""
    ward.remove = order.get("remove", ward.remove)
    if "run" in order:
        run = order["run"]
        ward.stop, ward.grace_s = run["stop"], run["grace_s"]
        ward.pid = launch(run)
    if "signal" in order and ward.pid:
        kill(ward.pid, order["signal"])


def keep(ward: Ward, wake: int) -> None:
    """Obey until the input ends, the parent changes, or we are told to end."""
    parent = os.getppid()
    pending = b""
    while not ward.ended and os.getppid() == parent:
        ready, _, _ = select.select([0, wake], [], [], POLL_S)
        if wake in ready:
            os.read(wake, 4096)
        reap(ward)
        if 0 not in ready:
            continue
        data = os.read(0, 65536)
        if not data:
            return
        pending += data
        while len(pending) >= (size := 4 + int.from_bytes(pending[:4], "big")) > 4:
            obey(ward, marshal.loads(pending[4:size]))  # noqa: S302
            pending = pending[size:]


def main() -> None:
    """Keep one ward from the first order to the end."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    ward = Ward()
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)

    def end(_number: int, _frame: object) -> None:
        ward.ended = True

    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, end)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    try:
        keep(ward, read_end)
    finally:
        finish(ward)


if __name__ == "__main__":
    main()
    sys.exit(0)
