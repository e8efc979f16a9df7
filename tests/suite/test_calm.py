"""Calm: whatever a user's options say of other plugins, tests run once, in order, in one process."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import os, time

def told(name):
    with open("ran.txt", "a") as file:
        file.write(f"{name} {os.getpid()}\\n")

def test_first():
    told("first")
    assert False

def test_second():
    time.sleep(0.3)
    told("second")
"""
OFF = "-p no:xdist -p no:timeout -p no:rerunfailures"


def run(folder: Path, addopts: str, *calm: str) -> tuple[int, list[str], set[str]]:
    """The exit code, the tests that ran in their order, and the processes they ran in."""
    (folder / "test_it.py").write_text(TESTS)
    (folder / "pytest.ini").write_text(f"[pytest]\naddopts = {addopts} -p no:ripstop -p no:cacheprovider\n")
    command = [sys.executable, "-m", "pytest", "-q", *calm]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    lines = (folder / "ran.txt").read_text().split() if (folder / "ran.txt").exists() else []
    assert "unrecognized arguments" not in done.stderr
    return done.returncode, lines[::2], set(lines[1::2])


@pytest.mark.parametrize("addopts", ["-n 2", "-n 2 --dist loadfile", "--reruns 2", "--timeout 0.1", OFF])
def test_tests_run_once_in_order_in_one_process(tmp_path, addopts):
    code, ran, processes = run(tmp_path, addopts, "-p", "ripstop.suite.calm")

    assert code == pytest.ExitCode.TESTS_FAILED
    assert ran == ["first", "second"]
    assert len(processes) == 1


@pytest.mark.parametrize("addopts", ["-n 2", "--reruns 2", "--timeout 0.1"])
def test_without_it_the_same_options_do_what_they_say(tmp_path, addopts):
    _, ran, processes = run(tmp_path, addopts)

    assert len(processes) > 1 or ran != ["first", "second"]
