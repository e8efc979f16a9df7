"""The start-up shim inside real Python services: their own line is named wherever they hang."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ripstop.service.process import ServiceProcess
from ripstop.service.stacks import SHIMS

Stand = Callable[[str], ServiceProcess]

IN_MAIN = "import time\ndef place():\n    time.sleep(600)  # here\nprint('on', flush=True)\nplace()\n"
IN_C = (
    "import socket, time\na, b = socket.socketpair()\n"
    "def place():\n    b.recv(1)  # here\nprint('on', flush=True)\nplace()\n"
)
IN_THREAD = (
    "import threading\nlock = threading.Lock()\nlock.acquire()\n"
    "def place():\n    lock.acquire()  # here\n"
    "t = threading.Thread(target=place); t.start()\nprint('on', flush=True)\nt.join()\n"
)
IN_TASK = (
    "import asyncio\nasync def charge():\n    await asyncio.sleep(600)  # here\n"
    "async def pages():\n    await charge()\n    yield 1\n"
    "async def place():\n    async for _ in pages(): pass\n"
    "async def main():\n    t = asyncio.create_task(place()); await asyncio.sleep(0)\n"
    "    print('on', flush=True); await asyncio.Event().wait()\n"
    "asyncio.run(main())\n"
)
IN_FORK = (
    f"import os\nif os.fork():\n    os.wait()\nelse:\n    exec(compile({IN_MAIN!r}, __file__, 'exec'))\n"
)


@pytest.fixture
def stand(tmp_path: Path, eventually: Callable[..., None]) -> Iterator[Stand]:
    """Starts a program as a service and waits until it says it is on."""
    started: list[ServiceProcess] = []

    def begin(code: str) -> ServiceProcess:
        (tmp_path / "app.py").write_text(code)
        started.append(ServiceProcess.start(f"{sys.executable} app.py", cwd=tmp_path))
        eventually(lambda: "on" in started[0].log_tail())
        return started[0]

    yield begin
    for service in started:
        service.stop()


@pytest.mark.parametrize("code", [IN_MAIN, IN_C, IN_THREAD], ids=["main", "c-call", "thread"])
def test_a_hung_thread_names_the_line_it_hangs_at(
    stand: Stand, eventually: Callable[..., None], code: str
) -> None:
    service = stand(code)

    eventually(lambda: [one.text.endswith("# here") for one in service.stacks()[:1]] == [True])
    assert service.stacks()[0].path == "app.py"


def test_a_main_thread_deep_in_c_is_named_without_waiting_for_it(stand: Stand) -> None:
    code = "import ctypes\ndef place():\n    libc.sleep(600)  # here\n"
    service = stand(f"{code}libc = ctypes.CDLL(None)\nprint('on', flush=True)\nwhile True: place()\n")
    began = time.monotonic()

    assert service.stacks()[0].text.endswith("# here")
    assert time.monotonic() - began < 2


def test_a_hung_task_names_the_line_through_every_coroutine_and_generator(stand: Stand) -> None:
    assert [source.text.split("  ")[0] for source in stand(IN_TASK).stacks()[:3]] == [
        "await asyncio.sleep(600)",
        "await charge()",
        "async for _ in pages(): pass",
    ]


def test_a_forked_worker_is_asked_as_well(stand: Stand) -> None:
    lines = {source.line for source in stand(IN_FORK).stacks()}

    assert {3, 5} <= lines


def test_a_service_survives_being_asked_again_and_again(stand: Stand) -> None:
    service = stand(IN_MAIN)

    assert len({service.stacks() for _ in range(20)}) == 1
    assert service.alive


def test_a_service_that_took_the_signal_away_is_left_alone(stand: Stand) -> None:
    code = "import signal\nsignal.signal(signal.SIGRTMIN + 11, signal.SIG_DFL)\n" + IN_MAIN
    service = stand(code)

    assert service.stacks() == ()
    assert service.alive


def run(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    code = "import sys; print(getattr(sys, 'other', None), 'asyncio' in sys.modules)"
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)


def test_another_sitecustomize_further_down_the_path_runs_too(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.other = 'ran'")

    assert run({"PYTHONPATH": f"{SHIMS}:{tmp_path}"}).stdout.split()[0] == "ran"


def test_a_place_that_cannot_be_written_is_borne_in_silence(tmp_path: Path) -> None:
    done = run({"PYTHONPATH": str(SHIMS), "RIPSTOP_STACKS": str(tmp_path / "no" / "where")})

    assert (done.stdout.split()[0], done.stderr) == ("None", "")


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    done = run({"PYTHONPATH": str(SHIMS), "RIPSTOP_STACKS": str(tmp_path / "stacks")})

    assert done.stdout.split() == ["None", "False"]
    assert (tmp_path / "stacks").read_text().startswith("ready ")
