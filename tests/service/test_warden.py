"""Nothing outlives its warden, and the warden outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ripstop.service.warden import remove
from ripstop.service.watch import Watched

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open(sys.argv[1], "w").write(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
time.sleep(600)
"""
PARENT = """
import sys, time
from ripstop.service.watch import Watched
watched = Watched.spawn(remove=[sys.argv[2]])
watched.run([sys.executable, "-c", sys.argv[3], sys.argv[1]], env={}, cwd="/")
print(watched.pid, watched._warden.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_all_is_gone_within_two_seconds_of_the_parents_death(
    number: int, tmp_path: Path, eventually: Callable[..., None], running: Callable[[int], bool]
) -> None:
    note, scratch = tmp_path / "pid", tmp_path / "scratch"
    (scratch / "inner").mkdir(parents=True)
    argv = [sys.executable, "-c", PARENT, str(note), str(scratch), STUBBORN]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout
        pids = [int(word) for word in parent.stdout.readline().split()]
        eventually(lambda: note.exists() and note.read_text() != "")
        pids.append(int(note.read_text()))

        parent.send_signal(number)

        eventually(lambda: not any(map(running, pids)) and not scratch.exists(), limit_s=2.0)


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """Where the stubborn command writes the pid of its daemon."""
    return tmp_path / "pid"


@pytest.fixture
def watched(note: Path, eventually: Callable[..., None]) -> Watched:
    watched = Watched.spawn()
    watched.run([sys.executable, "-c", STUBBORN, str(note)], env={}, cwd="/")
    eventually(lambda: note.exists() and note.read_text() != "")
    return watched


def test_a_stop_ends_what_left_its_session_and_ignores_signals(
    watched: Watched, note: Path, running: Callable[[int], bool]
) -> None:
    assert watched.stop() == -signal.SIGKILL
    assert not running(int(note.read_text()))


def test_the_interrupt_key_does_not_reach_the_warden(watched: Watched) -> None:
    os.kill(watched._warden.pid, signal.SIGINT)
    os.kill(watched._warden.pid, signal.SIGHUP)

    assert watched.wait(0.1) is None
    assert watched.stop() == -signal.SIGKILL


def test_a_warden_told_to_end_ends_its_ward(watched: Watched, running: Callable[[int], bool]) -> None:
    assert watched.pid
    os.kill(watched._warden.pid, signal.SIGTERM)

    assert watched.wait(2.0) == -signal.SIGKILL
    assert not running(watched.pid)
    watched.stop()


def test_a_killed_warden_takes_the_command_with_it(
    watched: Watched, note: Path, eventually: Callable[..., None], running: Callable[[int], bool]
) -> None:
    pid = watched.pid or 0
    os.kill(int(note.read_text()), signal.SIGKILL)

    watched._warden.kill()

    eventually(lambda: not running(pid))
    assert watched.wait(2.0) == -signal.SIGKILL
    watched.stop()


def test_the_command_starts_with_ordinary_signals_and_no_input() -> None:
    code = (
        "import signal, sys; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler,"
        " signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, repr(sys.stdin.read()))"
    )
    watched = Watched.spawn()
    watched.run([sys.executable, "-c", code], env={}, cwd="/")

    assert watched.wait(5) == 0
    watched.stop()
    assert watched.log.tail() == ("True True ''",)


def test_a_tree_is_removed_without_following_its_links(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (tmp_path / "gone" / "deep").mkdir(parents=True)
    (tmp_path / "gone" / "link").symlink_to(tmp_path / "kept")

    remove(str(tmp_path / "gone"))

    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept" / "file").exists()


def test_removing_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    remove(str(tmp_path / "nothing"))

    assert list(tmp_path.iterdir()) == []
