"""Several processes as one service: started in order, struck one by one, told apart, started again."""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ripstop.errors import StartError
from ripstop.service.fleet import Companion, Fleet
from ripstop.service.log import LogRing
from ripstop.service.ports import free_port
from ripstop.service.process import ServiceProcess

HOLD = """
import socket, sys, time
held = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print("waiting for work", flush=True)
time.sleep(60)
"""

SERVE = """
import http.server, os, sys, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def do_DELETE(self):
        os._exit(7)

    def do_PUT(self):
        threading.Timer(0.1, os._exit, [7]).start()
        self.close_connection = True

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        yield server


def start(folder: Path, listening: socket.socket, log: LogRing) -> ServiceProcess:
    (folder / "hold.py").write_text(HOLD)
    command = f"{sys.executable} hold.py {listening.getsockname()[1]}"
    return ServiceProcess.start(command, cwd=folder, log=log)


@pytest.fixture
def fleet(tmp_path: Path, listening: socket.socket) -> Iterator[Fleet]:
    log = LogRing()
    made = Fleet(start(tmp_path, listening, log), log)
    made.add(Companion("worker", start(tmp_path, listening, log), "waiting for work"))
    yield made
    made.stop()


def ports(listening: socket.socket) -> list[int]:
    """The two processes' ends; the connections are kept open by the test's listener."""
    accepted = [listening.accept()[0] for _ in range(2)]
    found = [one.getpeername()[1] for one in accepted]
    for one in accepted:
        one.detach()
    return found


def becomes(pid: int | None, states: str) -> bool:
    """Whether a process reaches one of these states (proc(5)) within five seconds."""
    until = time.monotonic() + 5
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in states:
        if time.monotonic() > until:
            return False
    return True


def test_a_signal_reaches_only_the_process_that_holds_the_connection(
    fleet: Fleet, listening: socket.socket
) -> None:
    struck = {fleet.strike(signal.SIGKILL, port) for port in ports(listening)[:1]}
    (name,) = struck
    gone = fleet.processes[name]

    assert gone.wait_exit(5) == -signal.SIGKILL
    assert [one.alive for one in fleet.processes.values() if one is not gone] == [True]
    assert (fleet.struck, fleet.deaths()) == (True, ())


def test_a_port_that_nobody_holds_strikes_nobody(fleet: Fleet) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours:
        assert fleet.strike(signal.SIGKILL, ours.getsockname()[1]) == ""
    assert fleet.alive


def test_a_process_that_ends_by_itself_is_named(fleet: Fleet) -> None:
    fleet.processes["worker"].signal(signal.SIGKILL)
    fleet.processes["worker"].wait_exit(5)

    assert fleet.deaths() == ("the worker ended by itself with SIGKILL",)


def test_a_restart_brings_all_of_them_back(fleet: Fleet) -> None:
    before = {one.pid for one in fleet.processes.values()}

    fleet.restart()

    assert fleet.alive
    assert not before & {one.pid for one in fleet.processes.values()}


def test_a_paused_process_goes_on_when_resumed(fleet: Fleet, listening: socket.socket) -> None:
    port = ports(listening)[0]
    name = fleet.strike(signal.SIGSTOP, port)
    pid = fleet.processes[name].pid

    assert becomes(pid, "T")
    fleet.resume()
    assert becomes(pid, "RS")
    assert not fleet.struck


def test_a_worker_that_ends_at_once_or_never_says_its_word_is_refused(tmp_path: Path) -> None:
    log = LogRing()
    fleet = Fleet(ServiceProcess.start(f"{sys.executable} -c 'import time; time.sleep(60)'", log=log), log)
    try:
        with pytest.raises(StartError, match="'worker' ended with status 3") as died:
            fleet.add(Companion("worker", ServiceProcess.start("sh -c 'exit 3'")))
        silent = ServiceProcess.start(f"{sys.executable} -c 'import time; time.sleep(60)'", log=log)
        with pytest.raises(StartError, match="did not say 'ready' in") as mute:
            fleet.add(Companion("mute", silent, "ready", timeout_s=0.2))
        assert (died.value.slug, mute.value.slug) == ("service-died", "never-ready")
    finally:
        fleet.stop()


def test_an_idle_worker_is_not_named_where_the_process_that_answers_cannot_say(
    tmp_path: Path, listening: socket.socket
) -> None:
    log = LogRing()
    worker = start(tmp_path, listening, log)
    fleet = Fleet(ServiceProcess.start("sleep 60", cwd=tmp_path, log=log), log)
    fleet.add(Companion("worker", worker, "waiting for work"))

    assert (fleet.stacks(), worker.stacks() != ()) == ((), True)
    fleet.stop()


def test_only_who_died_is_started_again(fleet: Fleet, listening: socket.socket) -> None:
    before = {name: one.pid for name, one in fleet.processes.items()}
    fleet.processes["worker"].signal(signal.SIGKILL)
    fleet.processes["worker"].wait_exit(5)

    assert fleet.revive() == 1
    assert fleet.alive
    assert fleet.main.pid == before["service"]
    assert fleet.processes["worker"].pid != before["worker"]


def test_a_process_beside_the_main_one_is_known_by_its_port(fleet: Fleet, listening: socket.socket) -> None:
    assert sorted(fleet.beside(port) for port in ports(listening)) == ["", "worker"]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Fleet]:
    """A service whose starter lives on for a moment when it has ended."""
    (tmp_path / "serve.py").write_text(SERVE)
    port = free_port()
    command = f"sh -c '{sys.executable} serve.py {port}; how=$?; sleep 0.3; exit $how'"
    made = Fleet(ServiceProcess.start(command, port=port, cwd=tmp_path), LogRing())
    made.main.wait_ready("/")
    yield made
    made.stop()


def test_a_service_is_over_once_it_serves_no_longer_though_its_starter_lives_on(served: Fleet) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.delete(served.url, trust_env=False)
    while not served.main.over and served.main.alive:  # an ending process closes one socket after the other
        time.sleep(0.001)

    served.settle()

    assert served.deaths() == ("the service ended by itself with status 7",)


def test_a_service_that_dropped_a_request_has_a_moment_to_end(served: Fleet) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.put(served.url, trust_env=False)

    served.settle(grace_s=5)

    assert served.deaths() == ("the service ended by itself with status 7",)


def test_a_service_that_serves_on_is_not_waited_for_beyond_its_grace(served: Fleet) -> None:
    served.settle(grace_s=0.05)

    assert served.alive
    assert served.deaths() == ()
