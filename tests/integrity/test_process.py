"""Running a command that may do anything: what it leaves behind is ended, and whoever listens may end it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ripstop.integrity import process
from ripstop.integrity.process import ignore, run

ENV = {"PATH": os.defpath}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_it_says_is_heard_line_by_line(tmp_path):
    heard: list[bytes] = []
    done = run(
        ["sh", "-c", "echo one; echo two >&2; exit 3"],
        tmp_path,
        ENV,
        10,
        lambda line: heard.append(line) or "",
    )

    assert (done.status, done.said, heard) == (3, b"one\ntwo\n", [b"one\n", b"two\n"])


def test_a_listener_ends_it(tmp_path):
    done = run(
        ["sh", "-c", "echo one; sleep 30"], tmp_path, ENV, 20, lambda line: "enough" if b"one" in line else ""
    )

    assert (done.stopped, done.said) == ("enough", b"one\n")
    assert done.status not in (0, None)


@pytest.mark.parametrize("line", ["sleep 30", "trap '' TERM; sleep 30"])
def test_time_ends_it(tmp_path, line, monkeypatch):
    monkeypatch.setattr(process, "_END_S", 0.2)

    assert run(["sh", "-c", line], tmp_path, ENV, 0.3).status is None


def test_what_it_left_running_is_ended_with_it(tmp_path):
    done = run(["sh", "-c", "sleep 30 & echo $!"], tmp_path, ENV, 10, ignore)

    assert done.status == 0
    assert not alive(int(done.said))


DAEMON = "setsid env -i sh -c 'echo $$ > daemon; exec sleep 30' > /dev/null 2>&1 & "


@pytest.mark.parametrize("after", ["exit 0", "kill -9 $$", "sleep 30"])
def test_what_left_its_session_is_ended_too_and_nobody_else(tmp_path, after, monkeypatch):
    monkeypatch.setattr(process, "_END_S", 0.2)
    waited = "while ! test -s daemon; do sleep 0.01; done; "
    with subprocess.Popen(["sleep", "30"], start_new_session=True) as other:
        run(["sh", "-c", DAEMON + waited + after], tmp_path, ENV, 20 if after != "sleep 30" else 0.5)

        assert not alive(int((tmp_path / "daemon").read_text()))
        assert alive(other.pid)
        other.kill()


def test_a_command_dies_as_it_would_alone(tmp_path):
    assert run(["sh", "-c", "kill -9 $$"], tmp_path, ENV, 20).status == -9
    assert run(["no-such-command"], tmp_path, ENV, 20).status == 127
    assert run(["sh", "-c", "yes | head -n 1; exit 7"], tmp_path, ENV, 20).status == 7


def test_what_ends_its_keeper_is_not_taken_for_done(tmp_path):
    done = run(["sh", "-c", "kill -9 $PPID; sleep 0.1"], tmp_path, ENV, 20)

    assert (done.status, done.stopped) == (None, "what kept it was ended")
