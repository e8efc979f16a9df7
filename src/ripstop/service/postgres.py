"""An embedded PostgreSQL server on a throwaway copy of a prepared data directory."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ripstop.errors import StartError
from ripstop.model.address import PostgresAddress
from ripstop.service.account import Account, barrier, unprivileged
from ripstop.service.cluster import SUPERUSER, Cluster, Owner, prepare
from ripstop.service.log import LogRing
from ripstop.service.warden import remove
from ripstop.service.watch import Watched

HOST = "127.0.0.1"
SUN_PATH_LIMIT_BYTES = 107
START_LIMIT_S = 30.0
PORT_TRIES = 5
SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "logical",
    "synchronous_commit": "on",
    "max_connections": "100",
    "max_replication_slots": "20",
    "max_wal_senders": "20",
    "max_prepared_transactions": "20",
    "dynamic_shared_memory_type": "mmap",
    "huge_pages": "off",
    "lc_messages": "C",
}


@dataclass(slots=True, eq=False)
class PostgresServer:
    """A running server. ``admin`` is its superuser, ``service`` the ordinary owner of the database."""

    admin: PostgresAddress
    service: PostgresAddress
    version: str
    _cluster: Cluster
    _account: Account | None
    _settings: Mapping[str, str]
    _home: Path
    _log: LogRing
    _process: Watched | None = field(default=None)

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
    ) -> PostgresServer:
        """Start a server on a free loopback port and wait until it serves.

        ``bindir`` is a local installation's folder of programs; ``data_dir`` a folder to put the
        throwaway data directory in; ``settings`` more server settings. Raises StartError.
        """
        account = unprivileged()
        cluster = prepare(Owner(user, password, database), bindir=bindir, account=account)
        home = _make_home(data_dir, account)
        address = PostgresAddress(HOST, 0, SUPERUSER, database, None, str(home))
        service = PostgresAddress(HOST, 0, user, database, password, str(home))
        server = cls(
            address,
            service,
            cluster.version,
            cluster,
            account,
            {**SETTINGS, **(settings or {})},
            home,
            LogRing(),
        )
        try:
            server._launch()
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def pid(self) -> int | None:
        """The postmaster's process id."""
        return self._process.pid if self._process else None

    def log_tail(self, lines: int = 20) -> tuple[str, ...]:
        """The server's last log lines."""
        return self._log.tail(lines)

    def fresh(self) -> None:
        """Begin again on the same port from a new copy of the prepared data directory."""
        self._halt()
        self._launch()

    def stop(self) -> None:
        """End the server and remove everything it had. A second call changes nothing."""
        self._halt()
        remove(str(self._home))

    def _halt(self) -> None:
        if self._process:
            self._process.keep_files()
            self._process.stop()
            self._process = None
        remove(str(self._home / "data"))

    def _launch(self) -> None:
        self._process = Watched.spawn(remove=[str(self._home)], log=self._log)
        _copy_data(self._cluster.data, self._home / "data", self._account)
        for _ in range(PORT_TRIES):
            if self._serve(self.admin.port or _free_port()):
                return
            self._process.keep_files()
            self._process.stop()
            self._process = Watched.spawn(remove=[str(self._home)], log=self._log)
        raise StartError("port-taken", f"no port could be had in {PORT_TRIES} tries", details=self.log_tail())

    def _serve(self, port: int) -> bool:
        """Start the postmaster and wait until it is ready; False where the port was taken meanwhile."""
        assert self._process is not None
        data = self._home / "data"
        settings = {
            **self._settings,
            "listen_addresses": HOST,
            "port": str(port),
            "unix_socket_directories": str(self._home),
        }
        argv = [str(self._cluster.bindir / "postgres"), "-D", str(data)]
        argv += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        mark = self._log.mark
        env = {"PATH": os.defpath, "TZ": "UTC", "LC_ALL": "C"}
        self._process.run(argv, env=env, cwd="/", account=self._account, stop=signal.SIGQUIT, grace_s=1.0)
        deadline = time.monotonic() + START_LIMIT_S
        while not _ready(data):
            status = self._process.exit_status
            if status is not None:
                self._log_settled()
                lines = self._log.since(mark)
                if any("Address already in use" in line for line in lines):
                    return False
                raise _died(status, lines)
            if time.monotonic() > deadline:
                raise StartError(
                    "postgres-never-ready",
                    f"PostgreSQL was not ready in {START_LIMIT_S:g} s",
                    details=self.log_tail(),
                )
            time.sleep(0.002)
        self.admin, self.service = replace(self.admin, port=port), replace(self.service, port=port)
        return True

    def _log_settled(self) -> None:
        time.sleep(0.02)


def _died(status: int, lines: tuple[str, ...]) -> StartError:
    if any("No space left on device" in line for line in lines):
        return _disk_full(lines)
    return StartError(
        "postgres-died", f"PostgreSQL ended with status {status} while starting", details=lines[-20:]
    )


def _disk_full(lines: tuple[str, ...] = ()) -> StartError:
    return StartError(
        "disk-full",
        "there is no room for PostgreSQL's data directory",
        details=lines[-5:],
        way_out="free some space, or name another folder: data_dir = '/path' in [tool.ripstop]",
    )


def _ready(data: Path) -> bool:
    """Whether the postmaster says so, in the eighth line of its lock file (as pg_ctl reads it)."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _make_home(data_dir: str | None, account: Account | None) -> Path:
    """A private folder of this run, short enough in name to hold a Unix socket."""
    parent = Path(data_dir or tempfile.gettempdir()).absolute()
    if len(f"{parent}/ripstop-12345678/.s.PGSQL.65535.lock") > SUN_PATH_LIMIT_BYTES or barrier(
        parent, account
    ):
        parent = Path("/tmp")  # noqa: S108
    home = Path(tempfile.mkdtemp(prefix="ripstop-", dir=parent))
    if account:
        os.chown(home, account.uid, account.gid)
    return home


def _copy_data(source: Path, target: Path, account: Account | None) -> None:
    done = subprocess.run(
        ["cp", "-R", "--reflink=auto", str(source), str(target)],
        capture_output=True,
        text=True,
        cwd="/",
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        check=False,
    )
    if done.returncode:
        lines = tuple(done.stderr.splitlines()[-5:])
        if "No space left on device" in done.stderr:
            raise _disk_full(lines)
        raise StartError("copy-failed", f"the data directory could not be copied to {target}", details=lines)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
