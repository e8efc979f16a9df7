"""An embedded PostgreSQL server on a throwaway copy of a prepared data directory."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ripstop.errors import StartError, UsageError
from ripstop.model.address import PostgresAddress
from ripstop.service import standins
from ripstop.service.account import Account, unprivileged
from ripstop.service.cluster import SUPERUSER, Cluster, Owner, prepare
from ripstop.service.datadir import (
    Home,
    access_rules,
    copy_data,
    disk_full,
    forget_segment,
    place,
    plan_home,
    segment,
)
from ripstop.service.log import LogRing
from ripstop.service.ports import HOST, free_port
from ripstop.service.watch import Watched

START_LIMIT_S = 30.0
DYING_S = 1.0
PORT_TRIES = 5
AUTH_METHODS = ("trust", "scram-sha-256", "password")
SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "logical",
    # Off, a read right after a commit misses it.
    "synchronous_commit": "on",
    "max_connections": "100",
    "max_replication_slots": "20",
    "max_wal_senders": "20",
    "max_prepared_transactions": "20",
    "max_wal_size": "256MB",
    # In the data directory, so that a killed server leaves nothing in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "huge_pages": "off",
    "lc_messages": "C",
}


@dataclass(frozen=True, slots=True)
class Setup:
    """What every launch of one server shares."""

    home: Home
    account: Account | None
    settings: Mapping[str, str]
    auth: str
    certificate: tuple[str, str] | None
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class PostgresServer:
    """A running server. ``admin`` is its superuser, ``service`` the ordinary owner of the database."""

    admin: PostgresAddress
    service: PostgresAddress
    _cluster: Cluster
    _setup: Setup
    _log: LogRing = field(default_factory=LogRing)
    _process: Watched | None = None

    @classmethod
    def start(
        cls,
        *,
        bindir: str | None = None,
        data_dir: str | None = None,
        settings: Mapping[str, str] | None = None,
        user: str = "service",
        password: str = "service",  # noqa: S107
        database: str = "service",
        ssl_cert: str | Path | None = None,
        ssl_key: str | Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> PostgresServer:
        """Start a server on a free loopback port and wait until it serves.

        ``bindir`` is a local installation's folder of programs, ``data_dir`` a folder to put the
        throwaway data directory in. ``settings`` are more server settings, and ``auth``: how all
        but the superuser prove themselves (``trust``, ``scram-sha-256`` or ``password``).
        With ``ssl_cert`` and ``ssl_key`` (PEM files) the server offers TLS; the embedded one is
        built without. ``env`` is laid over the server's environment. Raises StartError.
        """
        account = unprivileged()
        chosen = {**SETTINGS, **(settings or {})}
        auth = _auth(chosen.pop("auth", "trust"))
        certificate = _certificate(ssl_cert, ssl_key)
        cluster = prepare(_owner(user, password, database), bindir=bindir, account=account)
        home = plan_home(data_dir, account)
        admin = PostgresAddress(HOST, 0, SUPERUSER, database, None, str(home.sockets))
        service = PostgresAddress(HOST, 0, user, database, password, str(home.sockets))
        server = cls(
            admin, service, cluster, Setup(home, account, chosen, auth, certificate, dict(env or {}))
        )
        try:
            server._launch_or_repair()
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def version(self) -> str:
        """Such as ``18.6``."""
        return self._cluster.version

    @property
    def pid(self) -> int | None:
        """The postmaster's process id."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.exit_status is None

    def log_tail(self, lines: int = 20) -> tuple[str, ...]:
        """The server's last log lines."""
        return self._log.tail(lines)

    def check(self) -> None:
        """Where the server has ended, or broke down for want of room, say so. Raises StartError."""
        if self._process:
            self._process.wait(DYING_S)
        lines = self._log.tail(50)
        if full := [line for line in lines if "No space left on device" in line]:
            raise disk_full(full[-3:])
        if not self.alive:
            raise StartError("postgres-died", "PostgreSQL ended while it was in use", details=lines[-20:])

    def fresh(self) -> None:
        """Begin again on the same port from a new copy of the prepared data directory."""
        with self._guarded():
            self._halt(keep=True)
            self._launch()

    def stop(self) -> None:
        """End the server and remove everything it had. A second call changes nothing."""
        self._halt()
        self._setup.home.remove()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Between two servers a warden of its own keeps the folder from being nobody's."""
        guard = Watched.spawn(remove=self._setup.home.folders)
        yield
        guard.keep_files()
        guard.stop()

    def _halt(self, *, keep: bool = False) -> None:
        """End the server; with ``keep`` its folder stays, empty."""
        if self._process:
            left = segment(self._setup.home.data)
            if keep:
                self._process.keep_files()
            self._process.stop()
            self._process = None
            forget_segment(left)
        remove_data(self._setup.home)

    def _launch_or_repair(self) -> None:
        """Launch; where the prepared directory turns out to be damaged, prepare it anew, once."""
        try:
            self._launch()
        except StartError as error:
            if error.slug != "postgres-died" or self._cluster.intact():
                raise
            self._cluster = self._cluster.rebuilt()
            with self._guarded():
                self._halt(keep=True)
                self._launch()

    def _launch(self) -> None:
        setup = self._setup
        for _ in range(PORT_TRIES):
            # First, so that the warden already knows what to clear up.
            self._process = Watched.spawn(remove=setup.home.folders, log=self._log)
            setup.home.make(setup.account)
            if not setup.home.data.exists():
                self._furnish()
            if self._serve(self._process, self.admin.port or free_port()):
                return
        raise StartError("port-taken", f"no port was free in {PORT_TRIES} tries", details=self.log_tail())

    def _furnish(self) -> None:
        """Fill the data directory."""
        home, account = self._setup.home, self._setup.account
        copy_data(self._cluster.data, home.data, account)
        standins.furnish(home.data, account)
        place(access_rules(SUPERUSER, self._setup.auth), home.data / "pg_hba.conf", account)
        if self._setup.certificate:
            for text, name in zip(self._setup.certificate, ("server.crt", "server.key"), strict=True):
                place(text, home.data / name, account)

    def _serve(self, process: Watched, port: int) -> bool:
        """Start the postmaster and wait until it is ready; False where the port was taken meanwhile."""
        mark = self._log.mark
        process.run(
            self._argv(port),
            env={"PATH": os.defpath, "TZ": "UTC", "LC_ALL": "C", **self._setup.env},
            cwd="/",
            account=self._setup.account,
            stop=signal.SIGQUIT,
            grace_s=1.0,
        )
        deadline = time.monotonic() + START_LIMIT_S
        while not _ready(self._setup.home.data):
            if process.exit_status is not None:
                return self._give_up(process, mark)
            if time.monotonic() > deadline:
                raise _unready(self.log_tail())
            time.sleep(0.002)
        self.admin, self.service = replace(self.admin, port=port), replace(self.service, port=port)
        return True

    def _give_up(self, process: Watched, mark: int) -> bool:
        """Say why the postmaster ended: False where only its port was taken."""
        process.keep_files()
        status = process.stop()
        lines = list(self._log.since(mark))
        if any("Address already in use" in line for line in lines):
            return False
        if any("No space left on device" in line for line in lines):
            raise disk_full(lines[-5:])
        if any("SSL is not supported by this build" in line for line in lines):
            raise _no_ssl(lines)
        raise StartError(
            "postgres-died", f"PostgreSQL ended with status {status} while starting", details=lines[-20:]
        )

    def _argv(self, port: int) -> list[str]:
        settings = {
            **standins.settings(self._setup.home.data, self._cluster.version),
            **self._setup.settings,
            "listen_addresses": HOST,
            "port": str(port),
            "unix_socket_directories": str(self._setup.home.sockets),
            "ssl": "on" if self._setup.certificate else "off",
        }
        program = str(self._cluster.bindir / "postgres")
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [program, "-D", str(self._setup.home.data), *options]


def _no_ssl(lines: list[str]) -> StartError:
    return StartError(
        "no-ssl",
        "this PostgreSQL is built without TLS and cannot present a certificate",
        details=lines[-1:],
        way_out="set bindir to a local installation, such as /usr/lib/postgresql/17/bin",
    )


def remove_data(home: Home) -> None:
    """Remove the data directory and leave the folder around it."""
    Home(home.data, home.data).remove()


def _unready(lines: tuple[str, ...]) -> StartError:
    return StartError(
        "postgres-never-ready", f"PostgreSQL was not ready in {START_LIMIT_S:g} s", details=lines
    )


def _ready(data: Path) -> bool:
    """Whether the postmaster says so, in the eighth line of its lock file (as pg_ctl reads it)."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _auth(method: str) -> str:
    if method not in AUTH_METHODS:
        raise UsageError(
            "unknown-auth",
            f"PostgreSQL setting auth: {method!r}",
            way_out=f"one of {', '.join(AUTH_METHODS)}",
        )
    return method


def _owner(user: str, password: str, database: str) -> Owner:
    if user == SUPERUSER:
        raise UsageError(
            "reserved-user", f"the user {SUPERUSER} is the server's own superuser", way_out="name another"
        )
    if any(text == "" or not text.isprintable() for text in (user, password, database)):
        raise UsageError("bad-name", "user, password and database must be printable and not empty")
    return Owner(user, password, database)


def _certificate(cert: str | Path | None, key: str | Path | None) -> tuple[str, str] | None:
    if cert is None or key is None:
        return None
    try:
        return Path(cert).read_text(), Path(key).read_text()
    except OSError as error:
        raise StartError("no-certificate", f"the server's certificate cannot be read: {error}") from error
