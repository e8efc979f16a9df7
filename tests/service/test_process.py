"""A service started, waited for, listened to, ended: real processes, real failures."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from ripstop.errors import StartError
from ripstop.service.ports import HOST, free_port
from ripstop.service.process import ServiceProcess, ending, setup_running

SERVER = """
import http.server, os, pathlib, sys, time
answers = iter([503, 503])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(next(answers, 200) if self.path == "/slow" else 404)
        self.end_headers()
    def log_message(self, *args): print("asked", self.path, flush=True)
print("starting in", os.getcwd(), "with", os.environ.get("GREETING"), flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
Start = Callable[..., ServiceProcess]
Script = Callable[[str], str]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a service with a free port behind its command, and ends it after the test."""
    started: list[ServiceProcess] = []

    def begin(command: str, **options: object) -> ServiceProcess:
        port = free_port()
        started.append(ServiceProcess.start(f"{command} {port}", port=port, cwd=tmp_path, **options))  # type: ignore[arg-type]
        return started[-1]

    yield begin
    for service in started:
        service.stop()


@pytest.fixture
def server(start: Start, script: Script) -> ServiceProcess:
    return start(script(SERVER), env={"GREETING": "hello"})


def test_a_service_is_ready_once_it_answers_below_500(
    server: ServiceProcess, eventually: Callable[..., None]
) -> None:
    server.wait_ready("/slow", timeout_s=10)

    eventually(lambda: [line for line in server.lines_since(0) if "asked" in line] == ["asked /slow"] * 3)
    assert server.alive


def test_a_404_is_an_answer(server: ServiceProcess) -> None:
    assert 0 < server.wait_ready(timeout_s=10) < 10


def test_it_runs_in_its_folder_with_its_environment(server: ServiceProcess, tmp_path: Path) -> None:
    server.wait_ready(timeout_s=10)

    assert server.lines_since(0)[0] == f"starting in {tmp_path} with hello"


def test_only_lines_after_a_mark_are_told(server: ServiceProcess, eventually: Callable[..., None]) -> None:
    server.wait_ready("/first", timeout_s=10)
    eventually(lambda: "asked /first" in server.log_tail())
    mark = server.mark
    server.wait_ready("/second", timeout_s=10)

    eventually(lambda: server.lines_since(mark) == ("asked /second",))


def test_a_stop_is_heard_and_repeatable(server: ServiceProcess) -> None:
    server.wait_ready(timeout_s=10)

    assert server.stop() == server.stop() == -signal.SIGTERM
    assert not server.alive


def test_a_restart_is_a_new_process_on_the_same_port(server: ServiceProcess) -> None:
    server.wait_ready(timeout_s=10)
    before = (server.pid, server.port)

    server.restart()

    assert server.alive
    assert (server.pid != before[0], server.port) == (True, before[1])


def test_a_service_that_is_killed_is_seen_dead_and_can_be_restarted(server: ServiceProcess) -> None:
    server.wait_ready(timeout_s=10)
    server.signal(signal.SIGKILL)

    assert server.wait_exit(5) == -signal.SIGKILL
    server.restart()
    assert server.alive


def test_a_command_that_is_not_there_is_told_with_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="no-such-program cannot be started") as caught:
        ServiceProcess.start("no-such-program --port 1", cwd=tmp_path)

    assert caught.value.slug == "no-such-command"
    assert any(line.startswith("PATH: ") for line in caught.value.details)


def test_a_missing_working_directory_is_not_blamed_on_the_command(tmp_path: Path) -> None:
    with pytest.raises(StartError) as caught:
        ServiceProcess.start("sleep 1", cwd=tmp_path / "nowhere")

    assert caught.value.slug == "no-such-folder"


def test_a_service_that_dies_is_told_with_its_status_and_last_lines(start: Start, script: Script) -> None:
    service = start(script("print('no such table'); raise SystemExit(3)"))

    with pytest.raises(StartError, match="ended with status 3") as caught:
        service.wait_ready(timeout_s=10)

    assert (caught.value.slug, caught.value.exit_code) == ("service-died", 3)
    assert caught.value.details[-1] == "no such table"


def test_a_service_that_goes_to_the_background_is_told_not_to(start: Start, script: Script) -> None:
    service = start(script("import os, time\nif os.fork(): os._exit(0)\ntime.sleep(600)"))

    with pytest.raises(StartError, match="foreground"):
        service.wait_ready(timeout_s=10)


def test_a_service_that_never_listens_is_told_with_what_was_asked(start: Start, script: Script) -> None:
    service = start(script("import time; print('warming up', flush=True); time.sleep(600)"))

    with pytest.raises(StartError, match=r"GET http://127.0.0.1:\d+/health: Connection refused") as caught:
        service.wait_ready("/health", timeout_s=0.5)

    assert caught.value.slug == "never-ready"
    assert "warming up" in caught.value.details


def test_a_service_that_stays_broken_is_told_with_its_answer(start: Start, script: Script) -> None:
    service = start(script(SERVER.replace("iter([503, 503])", "iter([503] * 10_000)")))

    with pytest.raises(StartError, match="answered 503 Service Unavailable"):
        service.wait_ready("/slow", timeout_s=2)


def test_a_service_that_accepts_and_says_nothing_is_given_up_in_time(
    start: Start, script: Script, eventually: Callable[..., None]
) -> None:
    code = "import socket, sys, time\ns = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
    service = start(script(f"{code}print('on', flush=True); time.sleep(600)"))
    eventually(lambda: service.log_tail() == ("on",))
    began = time.monotonic()

    with pytest.raises(StartError, match="timed out"):
        service.wait_ready(timeout_s=0.5)

    assert time.monotonic() - began < 2


def test_a_service_that_speaks_no_http_is_told_so(
    start: Start, script: Script, eventually: Callable[..., None]
) -> None:
    code = (
        "import socket, sys\ns = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
        "print('on', flush=True)\n"
        "while True: c = s.accept()[0]; c.recv(9999); c.sendall(b'220 smtp ready\\r\\n'); c.close()"
    )
    service = start(script(code))
    eventually(lambda: service.log_tail() == ("on",))

    with pytest.raises(StartError, match="answered no HTTP: '220 smtp ready'"):
        service.wait_ready(timeout_s=0.5)


def test_a_port_that_is_taken_is_told_before_the_start(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as other, pytest.raises(StartError) as caught:
        ServiceProcess.start("sleep 600", port=other.getsockname()[1], cwd=tmp_path)

    assert caught.value.slug == "port-taken"


def test_a_port_taken_while_the_service_starts_is_told_as_such(start: Start, script: Script) -> None:
    code = "import socket\na = socket.create_server(('127.0.0.1', 0))\nsocket.create_server(a.getsockname())"

    with pytest.raises(StartError) as caught:
        start(script(code)).wait_ready(timeout_s=10)

    assert caught.value.slug == "port-taken"


def test_another_program_that_answers_on_the_port_is_not_the_service(start: Start, script: Script) -> None:
    late = """
import http.server, sys, threading, time
taken = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=taken.serve_forever, daemon=True).start()
time.sleep(600)
"""
    early = "import socket, sys, time\ntime.sleep(1)\nsocket.create_server(('127.0.0.1', int(sys.argv[1])))"
    service = start(script(early))
    other = ServiceProcess.start(script(late) + f" {service.port}", port=0, cwd=service.cwd)
    try:
        with pytest.raises(StartError) as caught:
            service.wait_ready(timeout_s=10)
    finally:
        other.stop()

    assert caught.value.slug == "port-taken"


def test_a_flood_of_junk_neither_blocks_the_service_nor_fills_us(
    start: Start, script: Script, eventually: Callable[..., None]
) -> None:
    code = "import os, time\nfor _ in range(100): os.write(1, os.urandom(65_536))\n"
    service = start(script(f"{code}os.write(1, b'\\ndone\\n'); time.sleep(600)"))

    eventually(lambda: service.log_tail(1) == ("done",), limit_s=10)
    assert sum(len(line) for line in service.lines_since(0)) <= 4 * service.log.limit_bytes


def run_setup(command: str, *, env: Mapping[str, str], cwd: Path, timeout_s: float = 60.0) -> tuple[str, ...]:
    with setup_running(command, env=env, cwd=cwd, timeout_s=timeout_s) as process:
        pass
    return process.log.tail()


def test_what_is_done_beside_a_set_up_command_is_done_before_it_is_over(
    tmp_path: Path, script: Script
) -> None:
    go = tmp_path / "go"
    looks = f"pathlib.Path({str(go)!r}).exists()"
    waits = f"import pathlib, time\nwhile not {looks}: time.sleep(0.01)\nprint('went')"

    with setup_running(script(waits), env={}, cwd=tmp_path, timeout_s=20) as process:
        go.touch()

    assert process.log.tail() == ("went",)


def test_a_set_up_command_gives_its_last_lines(tmp_path: Path, script: Script) -> None:
    assert run_setup(script("print('made'); print('done')"), env={}, cwd=tmp_path) == ("made", "done")


def test_a_set_up_command_that_fails_is_told_with_its_lines(tmp_path: Path, script: Script) -> None:
    with pytest.raises(StartError, match="ended with status 4") as caught:
        run_setup(script("print('no database'); raise SystemExit(4)"), env={}, cwd=tmp_path)

    assert caught.value.slug == "setup-failed"
    assert "no database" in caught.value.details


def test_a_migration_that_lacks_an_extension_is_led_to_a_server_that_has_it(
    tmp_path: Path, script: Script
) -> None:
    said = 'extension "pgcrypto" is not available'
    with pytest.raises(StartError) as caught:
        run_setup(script(f"print({said!r}); raise SystemExit(1)"), env={}, cwd=tmp_path)

    assert "has the extension pgcrypto" in caught.value.way_out
    assert "bindir = " in caught.value.way_out


def test_a_set_up_command_that_does_not_end_is_ended(tmp_path: Path, script: Script) -> None:
    with pytest.raises(StartError, match=r"was not done in 0\.3 s"):
        run_setup(script("import time; time.sleep(600)"), env={}, cwd=tmp_path, timeout_s=0.3)


def test_a_set_up_command_sees_its_environment(tmp_path: Path, script: Script) -> None:
    command = script("import os; print(os.environ['DATABASE_URL'])")

    assert run_setup(command, env={"DATABASE_URL": "postgresql://x"}, cwd=tmp_path) == ("postgresql://x",)


@pytest.mark.parametrize(("status", "words"), [(3, "status 3"), (-9, "SIGKILL"), (-45, "signal 45")])
def test_an_end_is_told_in_words(status: int, words: str) -> None:
    assert ending(status) == words
