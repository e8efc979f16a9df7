"""Other people's sessions in our database: which are in a transaction, who blocks whom, ending them."""

# ruff: noqa: S608 - every name and value in these statements is quoted by sql.py or is our own

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from ripstop.state.connection import Session

_SHOWN = 20
_QUERY_CHARS = 200
_PAUSES_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02)

# A prepared transaction has no session any more, and holds its locks all the same.
_OPEN = f"""
SELECT pid, state, extract(epoch FROM clock_timestamp() - xact_start)::float8, left(query, {_QUERY_CHARS})
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
  AND backend_type = 'client backend'
UNION ALL
SELECT 0, 'prepared', extract(epoch FROM clock_timestamp() - prepared)::float8, left(gid, {_QUERY_CHARS})
FROM pg_prepared_xacts WHERE database = current_database()
ORDER BY 3 DESC LIMIT {_SHOWN}"""


def open_transactions(session: Session, *, exclude: Collection[int] = ()) -> tuple[str, ...]:
    """One line for each session, but our own, that is in a transaction; the oldest first, at most 20."""
    return tuple(
        f"pid {pid}, {state}, for {age:.2f} s: {query}".replace("pid 0, ", "")
        for pid, state, age, query in session.run(_OPEN)
        if pid not in exclude
    )


def blocking(session: Session, pid: int) -> tuple[int, ...]:
    """The backends that ``pid`` waits for, empty where it waits for none (chapter 9.27)."""
    rows = session.run(f"SELECT DISTINCT unnest(pg_blocking_pids({int(pid)}))")
    return tuple(row[0] for row in rows)


def terminate(session: Session, pids: Sequence[int], *, timeout_ms: int) -> tuple[int, ...]:
    """End backends and wait until they are gone from ``pg_stat_activity``; those still there."""
    if not pids:
        return ()
    wanted = ", ".join(str(int(pid)) for pid in pids)
    alive = f"SELECT pid FROM pg_stat_activity WHERE pid IN ({wanted})"
    session.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid IN ({wanted})")
    deadline = time.monotonic() + timeout_ms / 1000
    tries = 0
    while (left := session.run(alive)) and time.monotonic() < deadline:
        time.sleep(_PAUSES_S[min(tries, len(_PAUSES_S) - 1)])
        tries += 1
    return tuple(row[0] for row in left)
