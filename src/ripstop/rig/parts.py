"""Building what a rig runs, from a Config: what stands at each seam, then the service.

Starting order is the design's: servers, set-up command, change capture, proxies, service. What was
started is stopped again, in reverse order, when a later part fails or the rig closes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.config import Config, ProcessConfig, SeamConfig, render
from ripstop.doubles.double import Double
from ripstop.doubles.mailbox import Mailbox
from ripstop.errors import StartError
from ripstop.rig import timing
from ripstop.rig.loop import WireThread
from ripstop.rig.seam import Seam
from ripstop.rig.stand import Address, Ground, Stand
from ripstop.rig.stands.clock import ClockStand
from ripstop.rig.stands.http import HttpStand, web_address
from ripstop.rig.stands.postgres import PostgresStand
from ripstop.rig.stands.redis import RedisStand
from ripstop.rig.stands.smtp import SmtpStand
from ripstop.seams.board import Board
from ripstop.service.certificates import Authority
from ripstop.service.clock import Clock
from ripstop.service.fleet import Companion, Fleet
from ripstop.service.log import LogRing
from ripstop.service.outbound import Interception
from ripstop.service.ports import free_port
from ripstop.service.process import ServiceProcess, setup_running
from ripstop.state.database import Database
from ripstop.state.keyspace import Keyspace

Addresses = Mapping[str, Address]
_PORT_TRIES = 5
_DISCARD = 9
_NOWHERE = web_address(_DISCARD)
"""Where nobody listens: a set-up command that calls a provider is refused."""

_STANDS: Mapping[str, Callable[[SeamConfig, Config, Ground], Stand]] = {
    "postgres": PostgresStand.build,
    "http": HttpStand.build,
    "redis": RedisStand.build,
    "smtp": SmtpStand.build,
    "clock": ClockStand.build,
}


@dataclass(slots=True)
class Parts:
    """What runs, by seam name. ``closing`` undoes the starts; ``outbound`` keeps calls on this machine.

    ``clock`` is there where time can be moved.
    """

    wire: WireThread
    board: Board = field(default_factory=Board)
    stands: dict[str, Stand] = field(default_factory=dict)
    outbound: Interception | None = None
    clock: Clock | None = None
    base_url: str = ""
    closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def seams(self) -> dict[str, Seam]:
        return {name: stand.seam for name, stand in self.stands.items()}

    @property
    def databases(self) -> dict[str, Database]:
        return {name: s.database for name, s in self.stands.items() if isinstance(s, PostgresStand)}

    @property
    def keyspaces(self) -> dict[str, Keyspace]:
        return {name: s.keyspace for name, s in self.stands.items() if isinstance(s, RedisStand)}

    @property
    def mailboxes(self) -> dict[str, Mailbox]:
        return {name: s.mailbox for name, s in self.stands.items() if isinstance(s, SmtpStand)}

    @property
    def doubles(self) -> dict[str, Double]:
        return {name: s.double for name, s in self.stands.items() if isinstance(s, HttpStand)}

    def intercept(self, config: Config, authority: Authority) -> None:
        """Lead intercepted hosts to their seams; those that do not listen yet are led nowhere."""
        ports = {
            host: self.stands[seam.name].seam.port or _DISCARD
            for seam in config.seams.values()
            for host in seam.hosts
        }
        self.outbound = Interception.begin(ports, authority)

    def confined(self, env: dict[str, str]) -> dict[str, str]:
        """An environment in which no other host is reached, and the time is the rig's."""
        timed = env | self.clock.environment(env) if self.clock else env
        return timed | self.outbound.environment(timed) if self.outbound else timed

    def listen(self, stand: Stand) -> None:
        """Open the port of a seam."""
        self.wire.run(stand.seam.start())
        self.closing.callback(lambda: self.wire.run(stand.seam.stop()))


@dataclass(slots=True)
class Launch:
    """Everything that was started, and the service on its way: it has been spawned and not yet been asked."""

    parts: Parts
    config: Config
    values: Addresses
    port: int = 0
    _fleet: Fleet | None = None

    def begin(self) -> None:
        """Spawn the service. Raises StartError or UsageError."""
        log = LogRing()
        self.port = self.config.service.port or free_port()
        main = ServiceProcess.start(
            render(self.config.service.command, self.values, self.port),
            port=self.port,
            env=self.parts.confined(_rendered(self.config.service.env, self.values, self.port)),
            cwd=_folder(self.config),
            root=self.config.root,
            log=log,
        )
        self._fleet = Fleet(main, log)
        self.parts.closing.callback(self._fleet.stop)

    def ready(self) -> Fleet:
        """The service once it serves; where the kernel's free port was taken meanwhile, on another.

        Stops everything and raises StartError where it does not come to serve.
        """
        try:
            for attempt in range(1, _PORT_TRIES + 1):
                try:
                    return self._served()
                except StartError as error:
                    if error.slug != "port-taken" or self.config.service.port or attempt == _PORT_TRIES:
                        raise
                self.begin()
        except BaseException:
            self.parts.closing.close()
            raise
        raise AssertionError("the loop returns or raises")

    def _served(self) -> Fleet:
        config, parts = self.config, self.parts
        if self._fleet is None:
            self.begin()
        fleet = self._fleet
        assert fleet is not None, "begin sets it"
        try:
            fleet.main.wait_ready(config.service.ready, timeout_s=config.service.start_timeout_s)
            for process in config.processes.values():
                fleet.add(_companion(process, config, parts.confined, self.values, self.port, fleet.log))
            if parts.clock:
                timing.require_processes(parts.clock, fleet)
        except BaseException:
            self._fleet = None
            fleet.stop()
            raise
        parts.board.strike = fleet.strike
        parts.board.owner = fleet.beside if fleet.companions else None
        parts.base_url = fleet.url
        return fleet


def assemble(config: Config, *, meanwhile: Callable[[], object] = lambda: None) -> Launch:
    """Start everything and spawn the service, without waiting for it. Raises StartError or UsageError.

    ``meanwhile`` is called while the first set-up command runs, where there is one.
    """
    parts = Parts(WireThread())
    try:
        authority = _build(parts, config, meanwhile)
        for stand in parts.stands.values():
            stand.open(lambda: parts.board.activity)
        for stand in parts.stands.values():
            parts.listen(stand)
        parts.intercept(config, authority)
        launch = Launch(parts, config, {name: s.proxied() for name, s in parts.stands.items()})
        launch.begin()
    except BaseException:
        parts.closing.close()
        raise
    return launch


@contextlib.contextmanager
def bare(config: Config) -> Iterator[str]:
    """The same service with nothing between it and its servers, for comparison; its base URL."""
    parts = Parts(WireThread())
    with parts.closing:
        authority = _build(parts, config, _nothing)
        for stand in parts.stands.values():
            if stand.direct() is None:
                parts.listen(stand)
        parts.intercept(config, authority)
        values = {name: stand.direct() or stand.proxied() for name, stand in parts.stands.items()}
        yield Launch(parts, config, values).ready().url


@contextlib.contextmanager
def founded(config: Config) -> Iterator[Parts]:
    """The servers alone, with what the set-up commands made in them: no service, no double, no seam listens.

    Raises StartError or UsageError.
    """
    parts = Parts(WireThread())
    with parts.closing:
        _build(parts, config, _nothing, {**_STANDS, "http": HttpStand.deserted})
        yield parts


def _build(
    parts: Parts,
    config: Config,
    meanwhile: Callable[[], object],
    kinds: Mapping[str, Callable[[SeamConfig, Config, Ground], Stand]] = _STANDS,
) -> Authority:
    """Start what stands at each seam, and run the set-up commands against the real servers."""
    parts.closing.callback(parts.wire.stop)
    authority = Authority.create()
    parts.closing.callback(authority.close)
    clock = parts.clock = timing.made(config)
    if clock:
        parts.closing.callback(clock.close)
    ground = Ground(parts.wire, parts.board, authority, lambda: parts.base_url, clock=clock)
    for seam in sorted(config.seams.values(), key=lambda one: one.server is not None):
        stand = parts.stands[seam.name] = kinds[seam.protocol](seam, config, ground)
        parts.closing.callback(stand.close)
    if clock:
        timing.require_servers(clock, parts.stands)
    direct = {name: stand.direct() or _NOWHERE for name, stand in parts.stands.items()}
    parts.intercept(config, authority)
    for command in config.service.setup:
        env = parts.confined(_rendered(config.service.env, direct, 0))
        with setup_running(render(command, direct, 0), env=env, cwd=_folder(config)):
            meanwhile()
        meanwhile = _nothing
    return authority


def _nothing() -> None: ...


def _companion(
    process: ProcessConfig,
    config: Config,
    confined: Callable[[dict[str, str]], dict[str, str]],
    values: Addresses,
    port: int,
    log: LogRing,
) -> Companion:
    own = {**config.service.env, **process.env}
    started = ServiceProcess.start(
        render(process.command, values, port),
        env=confined(_rendered(own, values, port)),
        cwd=config.root / (process.cwd or config.service.cwd),
        root=config.root,
        log=log,
    )
    return Companion(process.name, started, process.ready, config.service.start_timeout_s)


def _rendered(env: Mapping[str, str], values: Addresses, port: int) -> dict[str, str]:
    return {name: render(text, values, port) for name, text in env.items()}


def _folder(config: Config) -> Path:
    return config.root / config.service.cwd
