"""An embedded Redis server: a local redis-server, or fakeredis in a process of its own.

Either runs under a warden, so that nothing of it is left whatever happens to this process, and keeps
its data in memory only.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.errors import StartError, UsageError
from ripstop.model.address import RedisAddress
from ripstop.service.log import LogRing
from ripstop.service.ports import HOST, free_port
from ripstop.service.watch import Watched

START_LIMIT_S = 30.0
PORT_TRIES = 5
_ANSWER_S = 1.0
_PROGRAMS = ("redis-server", "valkey-server")
_FAKE = Path(__file__).with_name("fake_redis.py")
_PORT_TAKEN = "Address already in use"
SETTINGS: Mapping[str, str] = {
    "save": "",
    "appendonly": "no",
    "bind": HOST,
    "protected-mode": "no",
    "daemonize": "no",
    "databases": "16",
}


@dataclass(slots=True, eq=False)
class RedisServer:
    """A running server. ``kind`` is the program's name, or ``fakeredis``."""

    address: RedisAddress
    kind: str
    _argv: tuple[str, ...]
    _env: Mapping[str, str] = field(default_factory=dict)
    _log: LogRing = field(default_factory=LogRing)
    _process: Watched | None = None

    @classmethod
    def start(
        cls,
        *,
        bindir: str | None = None,
        settings: Mapping[str, str] | None = None,
        password: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> RedisServer:
        """Start a server on a free loopback port and wait until it answers.

        ``bindir`` is a folder with a ``redis-server`` (or ``valkey-server``), whose ``settings`` these
        are; without it fakeredis serves, and takes none. ``env`` is laid over its environment. Raises
        UsageError ``extra-missing``, ``no-setting``, ``no-redis``; StartError ``redis-died``,
        ``redis-never-ready``.
        """
        kind, argv = _local(bindir, settings or {}) if bindir else _fake(settings or {})
        address = RedisAddress(HOST, 0, password=password)
        server = cls(address, kind, argv, dict(env or {}))
        try:
            server._launch()
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.exit_status is None

    def log_tail(self, lines: int = 20) -> tuple[str, ...]:
        """The server's last log lines."""
        return self._log.tail(lines)

    def stop(self) -> None:
        """End the server; what it held is gone. A second call changes nothing."""
        if self._process:
            self._process.stop()
            self._process = None

    def _launch(self) -> None:
        for _ in range(PORT_TRIES):
            self._process = Watched.spawn(log=self._log)
            if self._serve(self._process, free_port()):
                return
        raise StartError("port-taken", f"no port was free in {PORT_TRIES} tries", details=self.log_tail())

    def _serve(self, process: Watched, port: int) -> bool:
        """Start the program and wait until it answers; False where the port was taken meanwhile."""
        mark = self._log.mark
        argv = [part.replace("{port}", str(port)) for part in self._argv]
        secret = self.address.password
        if secret:
            argv += ["--requirepass", secret]
        try:
            process.run(argv, env={**_environment(), **self._env}, cwd="/", grace_s=1.0)
        except OSError as error:
            raise StartError("redis-died", f"{argv[0]} cannot be run: {error}") from error
        deadline = time.monotonic() + START_LIMIT_S
        while not _answers(port):
            if process.exit_status is not None:
                return self._give_up(process, mark)
            if time.monotonic() > deadline:
                raise StartError(
                    "redis-never-ready",
                    f"{self.kind} was not ready in {START_LIMIT_S:g} s",
                    details=self.log_tail(),
                )
            time.sleep(0.005)
        if process.exit_status is not None:
            return self._give_up(process, mark)
        self.address = RedisAddress(HOST, port, password=secret)
        return True

    def _give_up(self, process: Watched, mark: int) -> bool:
        """Say why the server ended: False where only its port was taken."""
        status = process.stop()
        lines = self._log.since(mark)
        if any(_PORT_TAKEN in line for line in lines):
            return False
        raise StartError(
            "redis-died",
            f"{self.kind} ended with status {status} while starting",
            details=lines[-20:],
            way_out='see its lines above; for fakeredis, pip install --upgrade "ripstop[redis]"',
        )


def _local(bindir: str, settings: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    for name in _PROGRAMS:
        program = shutil.which(name, path=bindir)
        if program:
            chosen = {**SETTINGS, **settings}
            options = [part for key, value in chosen.items() for part in (f"--{key}", value)]
            return name, (program, "--port", "{port}", *options)
    raise UsageError(
        "no-redis",
        f"there is no {' or '.join(_PROGRAMS)} in {bindir}",
        way_out="name the folder that holds the program, such as /usr/bin, or leave bindir out",
    )


def _fake(settings: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    require_extra("fakeredis")
    if settings:
        raise UsageError(
            "no-setting",
            "the embedded fakeredis server takes no settings",
            details=sorted(settings),
            way_out="set bindir to a folder with a redis-server",
        )
    return "fakeredis", (sys.executable, "-P", str(_FAKE), "{port}")


def require_extra(module: str) -> None:
    """Raises UsageError ``extra-missing`` where a package of the extra is not installed."""
    if importlib.util.find_spec(module) is None:
        raise UsageError(
            "extra-missing",
            f"a redis seam needs the package {module}, which is not installed",
            way_out='pip install "ripstop[redis]"',
        )


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PYTHONPATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1", **kept}


def _answers(port: int) -> bool:
    """Whether a Redis server answers there: PONG, or that it wants a password first."""
    try:
        with socket.create_connection((HOST, port), timeout=_ANSWER_S) as probe:
            probe.sendall(b"*1\r\n$4\r\nPING\r\n")
            return probe.recv(64).startswith((b"+PONG", b"-NOAUTH"))
    except OSError:
        return False
