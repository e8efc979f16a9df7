"""The program under test as a process: started, waited for, listened to, ended, started again."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.errors import StartError
from ripstop.model.experiment import SourceLine
from ripstop.service import stacks
from ripstop.service.environment import service_env, split_command
from ripstop.service.log import LogRing
from ripstop.service.ports import HOST, free_port, taken
from ripstop.service.sockets import descends, owners
from ripstop.service.watch import Watched, unmade

POLL_S = 0.01
TIMED_OUT = "timed out"
TAIL_LINES = 20
ANSWER_LIMIT_S = 2.0
ANSWER_LIMIT_BYTES = 65_536
FOREIGN_S = 5.0
"""How long an answer by somebody else's process is taken for another program's, which had the port first:
ours fails to bind meanwhile. A command that hands over to a daemon (a container's) is ready after that."""
_LACKING = re.compile(r"extension \"([\w-]+)\" is not available")


@dataclass(slots=True, eq=False)
class ServiceProcess:
    """A started service. ``port`` is the one its command was given; ``root`` the project's folder;
    ``started_at`` the place in the log where its present life began."""

    command: str
    port: int
    env: Mapping[str, str]
    cwd: Path
    root: Path
    grace_s: float = 0.5
    log: LogRing = field(default_factory=LogRing)
    started_at: int = 0
    _process: Watched | None = None
    _announced: Path = Path()
    _ready: tuple[str, float] | None = None

    @classmethod
    def start(
        cls,
        command: str,
        *,
        port: int = 0,
        env: Mapping[str, str] | None = None,
        cwd: str | Path = ".",
        root: str | Path | None = None,
        grace_s: float = 0.5,
        log: LogRing | None = None,
    ) -> ServiceProcess:
        """Start the command, whose templates are filled in already, in ``cwd``.

        ``root`` (``cwd`` by default) tells the project's own code in stacks and tracebacks.
        ``grace_s`` is how long SIGTERM has before SIGKILL; ``log`` may be shared with other processes.
        Raises StartError ``no-such-command``, ``port-taken``; UsageError for a command that cannot be
        taken apart.
        """
        where = Path(cwd).resolve()
        home = Path(root or where).resolve()
        service = cls(command, port, dict(env or {}), where, home, grace_s, log or LogRing())
        service._launch()
        return service

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.exit_status is None

    @property
    def over(self) -> bool:
        """Whether it served once and listens no longer, though what it was started with lives on."""
        return self._ready is not None and self.alive and not taken(self.port)

    @property
    def exit_status(self) -> int | None:
        """None while it runs; negative where a signal ended it."""
        return self._process.exit_status if self._process else None

    @property
    def mark(self) -> int:
        """A place in the log, for ``lines_since``."""
        return self.log.mark

    def lines_since(self, mark: int) -> tuple[str, ...]:
        """What the service has written since, oldest first, within the ring's bounds."""
        return self.log.since(mark)

    def log_tail(self, lines: int = TAIL_LINES) -> tuple[str, ...]:
        return self.log.tail(lines)

    def signal(self, number: int) -> None:
        """Send the service a signal (SIGKILL for a crash, SIGSTOP for a pause)."""
        if self._process:
            self._process.signal(number)

    def wait_ready(self, path: str = "/", *, timeout_s: float = 30.0) -> float:
        """Ask for ``path`` until the answer is below 500; the seconds it took.

        Raises StartError ``service-died``, ``port-taken`` or ``never-ready``.
        """
        self._ready = (path, timeout_s)
        began = time.monotonic()
        said = "not asked yet"
        foreign = timeout_s
        while (passed := time.monotonic() - began) < timeout_s:
            limit_s = min(ANSWER_LIMIT_S, timeout_s - passed)
            status, words = _ask(self.port, path, limit_s)
            if not self.alive:
                raise self._died()
            if status is not None and status < 500:
                if self._is_ours() or passed - (foreign := min(passed, foreign)) > FOREIGN_S:
                    return time.monotonic() - began
                words = "another program answers on the port"
            # The last try may be cut short, and then says less than the one before.
            if words != TIMED_OUT or limit_s == ANSWER_LIMIT_S or not said.startswith("answered"):
                said = words
            time.sleep(POLL_S)
        raise StartError(
            "never-ready",
            f"the service was not ready in {timeout_s:g} s: GET {self.url}{path}: {said}",
            details=[f"command: {self.command}", *self._last_lines()],
            way_out="does it listen on {port}, and is service.ready a path that answers?",
        )

    def _is_ours(self) -> bool:
        """Whether what answers on the port was started by us, as far as that can be seen."""
        found = owners(self.port) - {os.getpid()}
        guard = self._process.guard if self._process else 0
        return not found or any(descends(pid, guard) for pid in found)

    def wait_exit(self, timeout_s: float) -> int | None:
        """The exit status, waited for at most so long."""
        return self._process.wait(timeout_s) if self._process else None

    def stop(self) -> int | None:
        """SIGTERM, then SIGKILL for it and everything it started; its exit status."""
        return self._process.stop() if self._process else None

    def restart(self) -> None:
        """End it, start it again on the same port, and wait until it serves as before."""
        self.stop()
        self._launch()
        if self._ready:
            self.wait_ready(self._ready[0], timeout_s=self._ready[1])

    def stacks(self) -> tuple[SourceLine, ...]:
        """Where the service's own code stands now, innermost first; empty where it cannot say."""
        return stacks.ask(self._announced, self.root, self.cwd)

    def _launch(self) -> None:
        assignments, argv = split_command(self.command)
        if self.port and taken(self.port):
            raise _port_taken(self.port)
        self.port = self.port or free_port()
        scratch = unmade("service")
        self._announced = scratch / "stacks"
        env = service_env({**self.env, **assignments, "RIPSTOP_STACKS": str(self._announced)}, shims=True)
        self.started_at = self.log.mark
        self._process = Watched.spawn(remove=[str(scratch)], log=self.log)
        scratch.mkdir(mode=0o700)
        _run(self._process, argv, env, self.cwd, self.grace_s)

    def _died(self) -> StartError:
        self.stop()
        lines = self._last_lines()
        if any("ddress already in use" in line or "EADDRINUSE" in line for line in lines):
            return _port_taken(self.port, lines)
        way_out = "run it in the foreground: no daemon, no reloader"
        if self.exit_status != 0:
            way_out = "mend what it says above; the command is service.command, its settings service.env"
        return StartError(
            "service-died",
            f"the service ended with {ending(self.exit_status)} before it was ready",
            details=[f"command: {self.command}", *lines],
            way_out=way_out,
        )

    def _last_lines(self) -> tuple[str, ...]:
        return self.log_tail() or ("(it wrote nothing)",)


@contextmanager
def setup_running(
    command: str, *, env: Mapping[str, str], cwd: str | Path, timeout_s: float = 120.0
) -> Iterator[Watched]:
    """A command that runs beside the block and is over after it. Raises StartError ``setup-failed``."""
    assignments, argv = split_command(command)
    process = Watched.spawn()
    try:
        _run(process, argv, service_env({**env, **assignments}), Path(cwd).resolve(), 0.5)
        yield process
        status = process.wait(timeout_s)
    finally:
        process.stop()
    lines = process.log.tail(TAIL_LINES)
    if status == 0:
        return
    how = f"was not done in {timeout_s:g} s" if status is None else f"ended with {ending(status)}"
    raise StartError(
        "setup-failed",
        f"the setup command {how}",
        details=[f"command: {command}", *lines],
        way_out=_setup_way_out(process.log.since(0)),
    )


def _setup_way_out(lines: Iterable[str]) -> str:
    lacking = next((found for line in lines if (found := _LACKING.search(line))), None)
    if lacking:
        place = 'bindir = "/usr/lib/postgresql/17/bin"'
        return f"name a local PostgreSQL that has the extension {lacking[1]} in the seam's table: {place}"
    return "mend what it says above; the command is service.setup, its settings service.env"


def ending(status: int | None) -> str:
    """An exit status in words."""
    if status is None or status >= 0:
        return f"status {status}"
    with suppress(ValueError):
        return signal.Signals(-status).name
    return f"signal {-status}"


def _run(process: Watched, argv: list[str], env: Mapping[str, str], cwd: Path, grace_s: float) -> None:
    """Start a command; where it cannot be, the warden is ended too."""
    try:
        if not cwd.is_dir():
            raise StartError("no-such-folder", f"the command's working directory is missing: {cwd}")
        process.run(argv, env=env, cwd=str(cwd), grace_s=grace_s)
    except OSError as error:
        process.stop()
        raise StartError(
            "no-such-command",
            f"{argv[0]} cannot be started: {error.strerror}",
            details=[f"command: {' '.join(argv)}", f"folder: {cwd}", f"PATH: {env.get('PATH', '')}"],
            way_out="is it installed in this environment?",
        ) from error
    except BaseException:
        process.stop()
        raise


def _port_taken(port: int, lines: tuple[str, ...] = ()) -> StartError:
    return StartError(
        "port-taken",
        f"port {port} is taken by another program",
        details=lines,
        way_out="leave service.port out, and the kernel chooses a free one for {port}",
    )


def _ask(port: int, path: str, limit_s: float) -> tuple[int | None, str]:
    """The status of one GET, None where there is none, and what happened in words."""
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((HOST, port), timeout=limit_s) as connection:
            connection.sendall(request.encode())
            answer = _read_all(connection)
    except TimeoutError:
        return None, TIMED_OUT
    except OSError as error:
        return None, error.strerror or str(error)
    line = answer.partition(b"\r\n")[0].decode("latin-1")
    words = line.split(" ")
    if len(words) > 1 and words[0].startswith("HTTP/1.") and words[1].isdigit():
        return int(words[1]), f"answered {line.partition(' ')[2]}"
    return None, f"answered no HTTP: {line[:80]!r}" if line else "closed without an answer"


def _read_all(connection: socket.socket) -> bytes:
    """To the end, so that the service sees no reset; a slow rest is not waited for."""
    answer = b""
    while len(answer) < ANSWER_LIMIT_BYTES:
        try:
            data = connection.recv(ANSWER_LIMIT_BYTES)
        except TimeoutError:
            if answer:
                break
            raise
        if not data:
            break
        answer += data
    return answer
