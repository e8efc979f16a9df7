"""A spare copy of the service's database, and putting it in the database's place.

PostgreSQL copies a database only while nobody is connected to it (``CREATE DATABASE``, notes), so
both directions end every session. Sequences and the database's own settings are carried over.
"""

# ruff: noqa: S608 - every name and value in these statements is quoted by sql.py or is our own

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ripstop.errors import ExperimentError
from ripstop.model.address import PostgresAddress
from ripstop.state import sql
from ripstop.state.connection import Session, StatementFailed, connect

_NAME_BYTES = 63
_STRATEGY_VERSION = 150_000
_ALONE_S = 1.0
_PAUSE_S = 0.002

Sequences = Mapping[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Template:
    """Where the spare copy of ``address``'s database is kept."""

    address: PostgresAddress

    @property
    def name(self) -> str:
        cut = f"ripstop_spare_{self.address.database}".encode()[:_NAME_BYTES]
        return cut.decode(errors="ignore")

    def take(self, *, end_sessions: bool) -> None:
        """Copy the database. Raises ExperimentError (``template-refused``) while others use it."""
        session = self._maintenance()
        try:
            self._drop(session, self.name)
            if end_sessions:
                session.run(_END.format(database=sql.literal(self.address.database)))
            self._wait_alone(session)
            self._copy(session, self.address.database, self.name, "ALLOW_CONNECTIONS false")
        except StatementFailed as error:
            raise self._refused((error.message, *error.details)) from error
        finally:
            session.close()

    def restore(self) -> str:
        """Replace the database by the copy, ending its sessions. Slots on it must be dropped before.

        Only superusers may connect until the statement that comes back is run: a pool that
        reconnects at once must not write before its changes can be read.
        """
        session = self._maintenance()
        try:
            kept = self._kept(session)
            self._drop(session, self.address.database)
            owner = f"OWNER {sql.name(kept['owner'])} CONNECTION LIMIT 0"
            self._copy(session, self.name, self.address.database, owner)
            self._give_back(session, kept)
            return f"ALTER DATABASE {sql.name(self.address.database)} CONNECTION LIMIT {kept['connections']}"
        finally:
            session.close()

    def discard(self) -> None:
        """Drop the copy."""
        session = self._maintenance()
        try:
            self._drop(session, self.name)
        finally:
            session.close()

    def _wait_alone(self, session: Session) -> None:
        """Sessions that were ended take a moment to go; CREATE DATABASE would wait 5 s for others."""
        query = _OTHERS.format(database=sql.literal(self.address.database))
        deadline = time.monotonic() + _ALONE_S
        while others := session.run(query):
            if time.monotonic() > deadline:
                raise self._refused(tuple(f"pid {pid}, {who}, is connected" for pid, who in others))
            time.sleep(_PAUSE_S)

    def _refused(self, details: tuple[str, ...]) -> ExperimentError:
        return ExperimentError(
            "template-refused",
            f"database {self.address.database!r} could not be copied",
            details=details,
            way_out="open it before the service, or anyone else, connects",
        )

    def _maintenance(self) -> Session:
        database = "template1" if self.address.database == "postgres" else "postgres"
        return connect(replace(self.address, database=database), statement_timeout_ms=120_000)

    def _drop(self, session: Session, database: str) -> None:
        session.execute(f"DROP DATABASE IF EXISTS {sql.name(database)} WITH (FORCE)")

    def _copy(self, session: Session, source: str, target: str, options: str) -> None:
        strategy = "STRATEGY wal_log" if session.version >= _STRATEGY_VERSION else ""
        session.execute(
            f"CREATE DATABASE {sql.name(target)} TEMPLATE {sql.name(source)} {strategy} {options}"
        )

    def _kept(self, session: Session) -> dict[str, Any]:
        """What CREATE DATABASE does not copy (its notes): owner, limit, privileges, settings."""
        return session.table(_KEPT.format(database=sql.literal(self.address.database)))[0]

    def _give_back(self, session: Session, kept: Mapping[str, Any]) -> None:
        database = sql.literal(self.address.database)
        if kept["acl"] is not None:
            acl = sql.literal(kept["acl"])
            session.execute(f"UPDATE pg_database SET datacl = {acl} WHERE datname = {database}")
        for setting in kept["settings"]:
            role, _, config = setting.partition(":")
            session.execute(
                "INSERT INTO pg_db_role_setting (setdatabase, setrole, setconfig)"
                f" SELECT oid, {int(role)}, {sql.literal(config)} FROM pg_database WHERE datname = {database}"
            )


_END = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = {database} AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""

_OTHERS = """SELECT pid, coalesce(nullif(application_name, ''), usename) FROM pg_stat_activity
WHERE datname = {database} AND backend_type = 'client backend' LIMIT 20"""

_KEPT = """
SELECT pg_get_userbyid(d.datdba)::text AS owner, d.datconnlimit AS connections, d.datacl::text AS acl,
       array(SELECT s.setrole || ':' || s.setconfig::text FROM pg_db_role_setting s
             WHERE s.setdatabase = d.oid) AS settings
FROM pg_database d WHERE d.datname = {database}"""

_SEQUENCES = """
SELECT schemaname::text, sequencename::text, last_value, increment_by FROM pg_sequences
WHERE last_value IS NOT NULL"""


def sequences(session: Session) -> Sequences:
    """How far each sequence that was used has run: its last value and its increment."""
    return {(schema, name): (last, step) for schema, name, last, step in session.run(_SEQUENCES)}


def furthest(one: Sequences, other: Sequences) -> Sequences:
    """The later of both values for each sequence."""
    found = dict(one)
    for key, (last, step) in other.items():
        before = found.get(key, (last, step))[0]
        found[key] = (max(before, last) if step > 0 else min(before, last), step)
    return found


def advance(session: Session, reached: Sequences) -> None:
    """Let no sequence give a value again that it gave before: services remember ids."""
    now = sequences(session)
    here = {(s, n) for s, n in session.run("SELECT schemaname::text, sequencename::text FROM pg_sequences")}
    calls = [
        f"setval({sql.literal(sql.qualified(*key))}::regclass, {last})"
        for key, (last, _) in furthest(now, reached).items()
        if key in here and now.get(key, (None,))[0] != last
    ]
    if calls:
        session.run("SELECT " + ", ".join(calls))
