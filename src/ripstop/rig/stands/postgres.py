"""The stand of a postgres seam: a real server, the proxy before it, its committed changes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ripstop.config import Config, SeamConfig
from ripstop.errors import ExperimentError, StartError
from ripstop.model.address import PostgresAddress
from ripstop.model.fault import Facts
from ripstop.model.state import Observation
from ripstop.rig.stand import Address, Ground
from ripstop.seams.postgres import PostgresSeam
from ripstop.service.ports import HOST
from ripstop.service.postgres import PostgresServer
from ripstop.state.connection import Session, connect
from ripstop.state.database import Database
from ripstop.state.founding import found
from ripstop.state.sessions import blocking

_TERMINATE_MS = 2_000
_ELSEWHERE = "postgres"
"""A database that every server has, and no service is given."""


@dataclass(slots=True)
class PostgresStand:
    """``database`` can be asked from ``open`` on. ``label`` marks its changes, where there are several."""

    server: PostgresServer
    seam: PostgresSeam
    service: PostgresAddress
    owns_server: bool = True
    label: str = ""
    _database: Database | None = None
    _base: int = 0
    _watch: Session | None = None

    @classmethod
    def build(cls, seam: SeamConfig, config: Config, ground: Ground) -> PostgresStand:
        """Start the server, or found one more database on another seam's. Raises StartError."""
        several = sum(one.protocol == "postgres" for one in config.seams.values()) > 1
        label = seam.name if several else ""
        if seam.server:
            server = ground.servers[seam.server]
            own = replace(server.service, database=seam.database, user=seam.user, password=seam.password)
            found(server.admin, own)
            proxy = PostgresSeam(seam.name, own, ground.board, port=seam.port)
            return cls(server, proxy, own, owns_server=False, label=label)
        server = ground.servers[seam.name] = PostgresServer.start(
            bindir=seam.bindir,
            data_dir=config.data_dir,
            settings=seam.settings,
            user=seam.user,
            password=seam.password,
            database=seam.database,
            env=ground.environment,
        )
        proxy = PostgresSeam(seam.name, server.service, ground.board, port=seam.port)
        return cls(server, proxy, server.service, label=label)

    @property
    def database(self) -> Database:
        assert self._database is not None, "open comes first"
        return self._database

    def direct(self) -> Address:
        return _address(self.service)

    def proxied(self) -> Address:
        real = self.service
        return _address(PostgresAddress(HOST, self.seam.port, real.user, real.database, real.password))

    def open(self, activity: Callable[[], object]) -> None:
        self._database = Database.open(
            replace(self.server.admin, database=self.service.database), activity=activity
        )

    def close(self) -> None:
        if self._database:
            self._database.hang_up()
        self._database = None
        if self._watch:
            self._watch.close()
        self._watch = None
        if self.owns_server:
            self.server.stop()

    def begin(self) -> None:
        self._base = 0

    def enter_call(self) -> None:
        with self._asking() as database:
            self._base = len(database.read())

    def observe(self) -> Observation:
        with self._asking() as database:
            changes = database.read()[self._base :]
        return Observation(tuple(replace(one, seam=self.label) for one in changes) if self.label else changes)

    def busy(self) -> tuple[str, ...]:
        return self.seam.busy()

    def waits(self, session: int) -> bool:
        """Whether a session of the service waits for a lock that another one holds (chapter 9.27).

        Asked over a session of its own, in a database of its own: it is in nobody's way. One thread's.
        A server that cannot be asked says no.
        """
        pid = self.seam.backend_of(session)
        if not pid:
            return False
        try:
            self._watch = self._watch or connect(replace(self.server.admin, database=_ELSEWHERE))
            return bool(blocking(self._watch, pid))
        except (StartError, ExperimentError):
            self._watch = None
            return False

    def redeliver(self) -> int:
        return 0

    def mark(self, stand_down: Callable[[], None]) -> str:
        with self._asking() as database:
            anew = database.mark(before_clone=stand_down)
        return "copied anew, for a fixture changed more than rows" if anew else ""

    def reset(self, stand_down: Callable[[], None]) -> str:
        with self._asking() as database:
            undone = database.undo(before_clone=stand_down)
        return f"reset by a copy instead of undo ({undone.fallback})" if undone.fallback else ""

    def end_cut_sessions(self) -> tuple[str, ...]:
        pids = self.seam.take_cut_backends()
        left = self.database.terminate(pids, timeout_ms=_TERMINATE_MS) if pids else ()
        return tuple(f"backend {pid} would not end" for pid in left)

    def facts(self, _operation: str) -> Facts:
        return Facts(unique_indexes=self.database.unique_indexes())

    @contextlib.contextmanager
    def _asking(self) -> Iterator[Database]:
        """The database; where it is lost, the server says why."""
        try:
            yield self.database
        except ExperimentError as error:
            if error.slug == "database-lost":
                self.server.check()
            raise

    def problems(self) -> tuple[str, ...]:
        return ()

    def refused(self) -> tuple[str, ...]:
        return ()


def _address(address: PostgresAddress) -> Address:
    return {
        "url": address.url,
        "host": address.host,
        "port": str(address.port),
        "user": address.user,
        "password": address.password or "",
        "database": address.database,
    }
