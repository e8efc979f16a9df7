"""That everything of a rig lives by its moved clock: made first, looked for in every server and process.

A program that the loader cannot reach (linked statically, or for another C library) would keep real
time, and every answer about time would be half true: such a set-up is refused before anything is run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from os import getsid, listdir

from ripstop.config import Config
from ripstop.errors import StartError
from ripstop.rig.stand import Stand
from ripstop.rig.stands.postgres import PostgresStand
from ripstop.service.clock import Clock, unseen
from ripstop.service.fleet import Fleet
from ripstop.service.process import ServiceProcess
from ripstop.service.sockets import owners
from ripstop.state.connection import connect

_TRIED = timedelta(hours=1)
_WAY_OUT = (
    "take the clock out of [tool.ripstop.seams], and everything else works; "
    "or run it with a program that is linked dynamically, against glibc"
)


def made(config: Config) -> Clock | None:
    """The clock of a configuration that has one. Raises UsageError where it cannot be moved here."""
    wanted = any(seam.protocol == "clock" for seam in config.seams.values())
    return Clock.start(config.data_dir) if wanted else None


def require_servers(clock: Clock, stands: Mapping[str, Stand]) -> None:
    """Move the clock by an hour and ask every database the time. Raises StartError ``clock-unseen``."""
    clock.advance(_TRIED)
    for name, stand in stands.items():
        if isinstance(stand, PostgresStand) and stand.owns_server and not _tells(clock, stand):
            raise _unseen(f"the PostgreSQL server of {name}")
    clock.reset()


def require_processes(clock: Clock, fleet: Fleet) -> None:
    """See that the library was loaded by who answers requests, and beside it. Raises StartError."""
    if names := unseen(clock, _of_session(fleet.main, owners(fleet.main.port))):
        raise _unseen(f"the service ({', '.join(names)})")
    for one in fleet.companions:
        pids = _of_session(one.process)
        if pids and len(unseen(clock, pids)) and not any(clock.sees(pid) for pid in pids):
            raise _unseen(f"the process {one.name!r} ({', '.join(unseen(clock, pids))})")


def _tells(clock: Clock, stand: PostgresStand) -> bool:
    session = connect(stand.server.admin)
    try:
        said = session.run("SELECT extract(epoch FROM clock_timestamp())::float8")[0][0]
    finally:
        session.close()
    return abs(datetime.fromtimestamp(float(said), UTC) - clock.now()) < _TRIED / 2


def _of_session(process: ServiceProcess, among: Iterable[int] = ()) -> list[int]:
    """The processes that one of ours started, itself included."""
    pids = among or (int(entry) for entry in listdir("/proc") if entry.isdigit())  # noqa: PTH208
    return [pid for pid in pids if _session(pid) == process.pid]


def _session(pid: int) -> int:
    with suppress(OSError):
        return getsid(pid)
    return 0


def _unseen(who: str) -> StartError:
    return StartError("clock-unseen", f"{who} does not see the moved clock", way_out=_WAY_OUT)
