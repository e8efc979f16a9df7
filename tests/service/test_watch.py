"""A command under a warden: its pid, its log, its end."""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path

import pytest

from ripstop.service.watch import Watched


def run(code: str) -> Watched:
    watched = Watched.spawn()
    watched.run([sys.executable, "-c", code], env={}, cwd="/")
    return watched


@pytest.mark.parametrize(("code", "status"), [("exit(7)", 7), ("import os; os.abort()", -signal.SIGABRT)])
def test_the_exit_status_is_the_commands_own(code: str, status: int) -> None:
    watched = run(code)

    assert watched.wait(5) == status
    assert watched.stop() == status


def test_it_runs_until_it_is_stopped() -> None:
    watched = run("import time; time.sleep(600)")

    assert watched.exit_status is None
    assert watched.stop() == -signal.SIGTERM
    assert watched.stop() == -signal.SIGTERM


def test_both_outputs_are_in_the_log() -> None:
    watched = run("import sys; print('out', flush=True); print('err', file=sys.stderr)")
    watched.wait(5)
    watched.stop()

    assert watched.log.tail() == ("out", "err")


def test_after_a_stop_the_log_is_read_to_its_end() -> None:
    for _ in range(5):
        watched = run("import os; os.write(1, b'\\n' * 60_000 + b'last')")
        watched.wait(5)
        watched.stop()

        assert watched.log.tail(1) == ("last",)


def test_a_command_that_floods_its_log_is_not_held_up() -> None:
    watched = run("import sys\nfor _ in range(200): sys.stdout.write('x' * 99 + '\\n' * 900)")

    assert watched.wait(10) == 0
    watched.stop()


def test_a_refused_execution_is_told_with_its_errno() -> None:
    watched = Watched.spawn()

    with pytest.raises(OSError, match="No such file") as caught:
        watched.run(["/no/such/program"], env={}, cwd="/")

    assert caught.value.errno == errno.ENOENT
    assert watched.stop() is None


def test_a_signal_reaches_the_command() -> None:
    watched = run("import time; time.sleep(600)")

    watched.signal(signal.SIGUSR1)

    assert watched.wait(5) == -signal.SIGUSR1
    watched.stop()


def test_no_descriptor_and_no_child_is_left_after_a_stop() -> None:
    before = open_descriptors()
    watched = run("pass")
    during = open_descriptors()
    watched.stop()

    assert (during > before, open_descriptors()) == (True, before)
    with pytest.raises(ChildProcessError):
        os.waitpid(watched._warden.pid, os.WNOHANG)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
