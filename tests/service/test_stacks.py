"""The service's own line, found in dumps and tracebacks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ripstop.service.stacks import ask, inside, traceback_source

INSTALLED = f"{sys.prefix}/lib/python3/site-packages/driver.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "orders.py").write_text("def place():\n    charge()\n    insert()\n")
    return tmp_path


def traceback(*frames: tuple[str, int]) -> list[str]:
    lines = ["Traceback (most recent call last):"]
    for path, line in frames:
        lines += [f'  File "{path}", line {line}, in place', "    some.text()", "    ^^^^"]
    return [*lines, "ValueError: broken"]


def test_the_innermost_frame_of_the_project_is_named(root: Path) -> None:
    source = traceback_source(
        traceback((f"{root}/shop/orders.py", 2), (f"{root}/shop/orders.py", 3), (INSTALLED, 9)), root
    )

    assert source is not None
    assert (str(source), source.text) == ("shop/orders.py:3", "insert()")


def test_the_last_traceback_counts(root: Path) -> None:
    log = [
        *traceback((f"{root}/shop/orders.py", 2)),
        "During handling of the above exception, another exception occurred:",
        *traceback((f"{root}/shop/orders.py", 3)),
    ]

    assert str(traceback_source(log, root)) == "shop/orders.py:3"


def test_a_last_traceback_without_a_frame_of_ours_gives_way_to_the_one_before(root: Path) -> None:
    log = [*traceback((f"{root}/shop/orders.py", 2)), *traceback((INSTALLED, 9))]

    assert str(traceback_source(log, root)) == "shop/orders.py:2"


def test_a_path_relative_to_the_working_directory_is_understood(root: Path) -> None:
    source = traceback_source(traceback(("orders.py", 3)), root, root / "shop")

    assert str(source) == "shop/orders.py:3"


@pytest.mark.parametrize("prefix", ["web.1 | ", "  | ", "2026-01-01 ERROR "])
def test_a_logs_own_prefix_does_not_matter(root: Path, prefix: str) -> None:
    log = [prefix + line for line in traceback((f"{root}/shop/orders.py", 3))]

    assert str(traceback_source(log, root)) == "shop/orders.py:3"


def test_a_traceback_in_a_line_of_json_is_read(root: Path) -> None:
    line = json.dumps({"exc": "\n".join(traceback((f"{root}/shop/orders.py", 3)))})

    assert str(traceback_source([line], root)) == "shop/orders.py:3"


def test_a_log_without_traceback_names_nothing(root: Path) -> None:
    assert (
        traceback_source(["all is well", f'  File "{root}/shop/orders.py", line 3, in place'], root) is None
    )


@pytest.mark.parametrize(
    "path", ["site-packages/a.py", "venv/lib/a.py", "node_modules/a.py", "../other/a.py"]
)
def test_installed_code_is_not_the_projects(root: Path, path: str) -> None:
    (root / "venv").mkdir()
    (root / "venv" / "pyvenv.cfg").touch()

    assert not inside((root / path).resolve(), root)
    assert inside(root / "shop" / "orders.py", root)


def test_a_process_that_announced_nothing_is_not_signalled(tmp_path: Path) -> None:
    assert ask(tmp_path / "stacks", tmp_path, tmp_path) == ()


CATCHES = "import signal; signal.signal(45, lambda *_: exit(9)); print('on', flush=True); signal.pause()"


def test_a_pid_that_was_given_to_another_process_is_not_signalled(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", CATCHES], stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        (tmp_path / "stacks").write_text(f"ready {other.pid} 45\n")
        (tmp_path / f"stacks.{other.pid}").touch()

        assert ask(tmp_path / "stacks", tmp_path, tmp_path) == ()
        other.terminate()
        assert other.wait(5) == -signal.SIGTERM
