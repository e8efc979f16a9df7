"""Building what a rig runs, from a Config: servers, databases, doubles, seams, the service.

Starting order is the design's: servers, set-up command, change capture, proxies, service. What was
started is stopped again, in reverse order, when a later part fails or the rig closes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.config import Config, SeamConfig, render
from ripstop.doubles.double import Double
from ripstop.doubles.loading import load
from ripstop.errors import StartError, UsageError
from ripstop.model.address import PostgresAddress
from ripstop.rig.loop import WireThread
from ripstop.rig.seam import Seam
from ripstop.seams.board import Board
from ripstop.seams.http import HttpSeam
from ripstop.seams.postgres import PostgresSeam
from ripstop.service.ports import free_port
from ripstop.service.postgres import PostgresServer
from ripstop.service.process import ServiceProcess, run_setup
from ripstop.state.database import Database

Values = Mapping[str, Mapping[str, str]]
_HOST = "127.0.0.1"
_PORT_TRIES = 5
_NOWHERE = 9
"""The discard port: a set-up command that calls a provider is refused."""


@dataclass(slots=True)
class Parts:
    """What runs, by seam name. ``closing`` undoes the starts."""

    wire: WireThread
    board: Board = field(default_factory=Board)
    seams: dict[str, Seam] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)
    doubles: dict[str, Double] = field(default_factory=dict)
    servers: dict[str, PostgresServer] = field(default_factory=dict)
    closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def postgres(self, name: str) -> PostgresSeam | None:
        """The seam of that name if it is a database."""
        seam = self.seams.get(name)
        return seam if isinstance(seam, PostgresSeam) else None


def assemble(config: Config) -> tuple[Parts, ServiceProcess]:
    """Start everything and wait until the service serves. Raises StartError or UsageError."""
    parts = Parts(WireThread())
    parts.closing.callback(parts.wire.stop)
    try:
        for seam in config.seams.values():
            _BUILD[seam.protocol](parts, seam, config)
        _set_up(parts, config)
        for name, server in parts.servers.items():
            parts.databases[name] = Database.open(server.admin, activity=lambda: parts.board.activity)
            parts.closing.callback(parts.databases[name].close)
        for listening in parts.seams.values():
            parts.wire.run(listening.start())
            parts.closing.callback(_stop, parts.wire, listening)
        service = _service(parts, config, {name: _values(parts, name) for name in parts.seams})
    except BaseException:
        parts.closing.close()
        raise
    return parts, service


@contextlib.contextmanager
def bare(config: Config) -> Iterator[str]:
    """The same service with nothing between it and its servers, for comparison; its base URL."""
    parts = Parts(WireThread())
    parts.closing.callback(parts.wire.stop)
    with parts.closing:
        for seam in config.seams.values():
            _BUILD[seam.protocol](parts, seam, config)
        _set_up(parts, config)
        for name in parts.doubles:
            parts.wire.run(parts.seams[name].start())
            parts.closing.callback(_stop, parts.wire, parts.seams[name])
        values = {
            name: _database_values(parts.servers[name].service)
            if name in parts.servers
            else _values(parts, name)
            for name in parts.seams
        }
        yield _service(parts, config, values).url


def _postgres(parts: Parts, seam: SeamConfig, config: Config) -> None:
    server = PostgresServer.start(
        bindir=seam.bindir,
        data_dir=config.data_dir,
        settings=seam.settings,
        user=seam.user,
        password=seam.password,
        database=seam.database,
    )
    parts.closing.callback(server.stop)
    parts.servers[seam.name] = server
    parts.seams[seam.name] = PostgresSeam(seam.name, server.service, parts.board, port=seam.port)


def _http(parts: Parts, seam: SeamConfig, config: Config) -> None:
    if seam.double is None:
        raise UsageError(
            "no-double",
            f"the seam {seam.name!r} has no double",
            way_out=f'give [tool.ripstop.seams.{seam.name}] double = "module:attribute"',
        )
    double = load(seam.double, config.root)
    parts.doubles[seam.name] = double
    parts.seams[seam.name] = HttpSeam(seam.name, double, parts.board, port=seam.port)


_BUILD = {"postgres": _postgres, "http": _http}


def _stop(wire: WireThread, seam: Seam) -> None:
    wire.run(seam.stop())


def _set_up(parts: Parts, config: Config) -> None:
    """Run the configured set-up against the real servers, before any proxy or change capture."""
    if not config.service.setup:
        return
    direct = {name: _database_values(server.service) for name, server in parts.servers.items()}
    nowhere = {name: _web_values(_NOWHERE) for name in parts.doubles}
    run_setup(config.service.setup, env=_environment(config, {**direct, **nowhere}, 0), cwd=_folder(config))


def _service(parts: Parts, config: Config, values: Values) -> ServiceProcess:
    """Start the service; where the kernel's free port was taken meanwhile, ask for another."""
    for attempt in range(1, _PORT_TRIES + 1):
        port = config.service.port or free_port()
        try:
            return _launched(parts, config, values, port)
        except StartError as error:
            if error.slug != "port-taken" or config.service.port or attempt == _PORT_TRIES:
                raise
    raise AssertionError("the loop returns or raises")


def _launched(parts: Parts, config: Config, values: Values, port: int) -> ServiceProcess:
    service = ServiceProcess.start(
        render(config.service.command, values, port),
        port=port,
        env=_environment(config, values, port),
        cwd=_folder(config),
        root=config.root,
    )
    try:
        service.wait_ready(config.service.ready, timeout_s=config.service.start_timeout_s)
    except BaseException:
        service.stop()
        raise
    parts.closing.callback(service.stop)
    return service


def _values(parts: Parts, name: str) -> dict[str, str]:
    port = parts.seams[name].port
    if name in parts.doubles:
        return _web_values(port)
    address = parts.servers[name].service
    proxied = PostgresAddress(_HOST, port, address.user, address.database, address.password)
    return _database_values(proxied)


def _database_values(address: PostgresAddress) -> dict[str, str]:
    return {
        "url": address.url,
        "host": address.host,
        "port": str(address.port),
        "user": address.user,
        "password": address.password or "",
        "database": address.database,
    }


def _web_values(port: int) -> dict[str, str]:
    return {"url": f"http://{_HOST}:{port}", "host": _HOST, "port": str(port)}


def _environment(config: Config, values: Values, port: int) -> dict[str, str]:
    return {name: render(text, values, port) for name, text in config.service.env.items()}


def _folder(config: Config) -> Path:
    return config.root / config.service.cwd
