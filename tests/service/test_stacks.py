"""The service's own line, found in dumps and tracebacks."""

from __future__ import annotations

import json
import os
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


def test_a_compiled_module_s_path_of_its_build_is_not_taken_for_the_project_s(root: Path) -> None:
    log = traceback((f"{root}/shop/orders.py", 3), ("psycopg_binary/_psycopg/generators.pyx", 229))

    assert str(traceback_source(log, root)) == "shop/orders.py:3"


def test_a_traceback_in_a_line_of_json_is_read(root: Path) -> None:
    line = json.dumps({"exc": "\n".join(traceback((f"{root}/shop/orders.py", 3)))})

    assert str(traceback_source([line], root)) == "shop/orders.py:3"


def test_a_log_without_traceback_names_nothing(root: Path) -> None:
    assert (
        traceback_source(["all is well", f'  File "{root}/shop/orders.py", line 3, in place'], root) is None
    )


THROWS = """
async function store(): Promise<void> {
  await null
  throw new TypeError('broken'CAUSE)
}
async function place() { await store() }
try { await [1].map(place)[0] } catch (error) { LOG }
"""
PLAIN, DEEPER = "", ", { cause: new Error('deeper') }"


def node_log(root: Path, log: str, cause: str = PLAIN, *, name: str = "shop/app.mts") -> list[str]:
    """What Node itself writes."""
    script = root / name
    script.parent.mkdir(exist_ok=True, parents=True)
    script.write_text(THROWS.replace("LOG", log).replace("CAUSE", cause))
    node = Path(sys.executable).with_name("node")
    done = subprocess.run([str(node), str(script)], capture_output=True, text=True, timeout=60, check=False)
    return (done.stdout + done.stderr).splitlines()


@pytest.mark.parametrize("cause", [PLAIN, DEEPER])
@pytest.mark.parametrize(
    "log",
    [
        "console.error(error)",
        "console.log('2026-01-01 ERROR ' + error.stack)",
        "console.log(JSON.stringify({ stack: error.stack }))",
        "throw error",
    ],
)
def test_a_node_stack_names_its_innermost_frame(root: Path, log: str, cause: str) -> None:
    source = traceback_source(node_log(root, log, cause), root)

    assert source is not None
    assert str(source) == "shop/app.mts:4"
    assert source.text.startswith("throw new TypeError(")


def test_a_node_stack_in_a_folder_with_a_space_and_parentheses_is_read(root: Path) -> None:
    log = node_log(root, "console.error(error)", name="my shop/(till)/app.mts")

    assert str(traceback_source(log, root)) == "my shop/(till)/app.mts:4"


def test_a_node_stack_through_installed_code_names_the_project_s_frame(root: Path) -> None:
    frames = [
        "Error: connect ECONNREFUSED",
        f"    at query ({root}/node_modules/pg/client.js:9:9)",
        "    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)",
        f"    at async Promise.all (index 0)\n    at async {root}/shop/orders.py:2:5",
        f"    at async {root}/shop/orders.py:3:5",
    ]

    assert str(traceback_source(frames, root)) == "shop/orders.py:2"


def test_a_node_stack_without_a_frame_of_ours_names_nothing(root: Path) -> None:
    log = ["Error: x", "    at node:internal/a:1:1", "    at f (<anonymous>)", "listening at /tmp/x:1:1"]

    assert traceback_source(log, root) is None


def test_of_several_stacks_in_a_log_the_last_counts_whatever_wrote_it(root: Path) -> None:
    python = traceback((f"{root}/shop/orders.py", 3))
    node = node_log(root, "console.error(error)")

    told = [str(traceback_source(log, root)) for log in (node + python, python + node)]
    assert told == ["shop/orders.py:3", "shop/app.mts:4"]


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


def test_a_stopped_process_is_not_asked_for_what_it_would_tell_while_it_runs(tmp_path: Path) -> None:
    announced = tmp_path / "stacks"
    env = {"RIPSTOP_STACKS": str(announced), "PATH": ""}
    with subprocess.Popen([sys.executable, "-c", CATCHES], stdout=subprocess.PIPE, env=env) as service:
        assert service.stdout
        service.stdout.readline()
        announced.write_text(f"ready {service.pid} 45\n")
        Path(f"{announced}.{service.pid}").touch()
        service.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, service.pid, os.WSTOPPED | os.WNOWAIT)

        assert ask(announced, tmp_path, tmp_path) == ()
        waiting = Path(f"/proc/{service.pid}/status").read_text().partition("ShdPnd:\t")[2].split()[0]
        service.kill()
        assert int(waiting, 16) == 0
