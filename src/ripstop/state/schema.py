"""What the database's catalog says of its tables, read at once and kept until DDL is seen.

Nothing here reads rows; see ``checksum`` and ``rows`` for that.
"""

# ruff: noqa: S608 - every name and value in these statements is quoted by sql.py or is our own

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ripstop.model.state import UniqueIndex
from ripstop.state import sql
from ripstop.state.connection import Session

# Schemas whose tables are not the service's. ``_ripstop`` holds our own event trigger functions.
USER_SCHEMAS = (
    "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', '_ripstop')"
    " AND n.nspname NOT LIKE 'pg\\_temp\\_%' AND n.nspname NOT LIKE 'pg\\_toast\\_temp\\_%'"
)

# Types for which "=" holds exactly when both sides print the same.
_EXACT = "'bool','int2','int4','int8','oid','uuid','date','timestamp','timestamptz','bytea'"

_TABLES = f"""
SELECT c.oid::int8, n.nspname::text, c.relname::text, c.relkind::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND {USER_SCHEMAS}
ORDER BY n.nspname, c.relname"""

_COLUMNS = f"""
SELECT a.attrelid::int8, a.attname::text, format_type(a.atttypid, NULL), a.attgenerated::text,
       t.typname IN ({_EXACT}) AND t.typnamespace = 'pg_catalog'::regnamespace OR t.typtype = 'e',
       t.typtype <> 'c'
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
  AND c.relpersistence <> 't' AND {USER_SCHEMAS}
ORDER BY a.attrelid, a.attnum"""

# Usable as a key: valid, immediate (a deferred one admits duplicates inside a transaction), whole
# (no predicate, no expression), and without NULLs. Equal keys are the same row then.
_INDEXES = f"""
SELECT i.indrelid::int8, n.nspname::text, c.relname::text, x.relname::text,
       array(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k(num, nth)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
             WHERE k.nth <= i.indnkeyatts ORDER BY k.nth),
       i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT EXISTS
         (SELECT FROM unnest(i.indkey) WITH ORDINALITY AS k(num, nth)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
          WHERE k.nth <= i.indnkeyatts AND (NOT a.attnotnull OR a.attgenerated <> ''))
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisunique AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND {USER_SCHEMAS}
ORDER BY i.indrelid, i.indisprimary DESC, i.indnkeyatts, x.relname"""

# Triggers and rules that fire even under session_replication_role = replica.
_STUBBORN = f"""
SELECT t.tgrelid::int8, 'TRIGGER', t.tgname::text, t.tgenabled::text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE t.tgenabled IN ('A', 'R') AND {USER_SCHEMAS}
UNION ALL
SELECT r.ev_class::int8, 'RULE', r.rulename::text, r.ev_enabled::text
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.ev_enabled IN ('A', 'R') AND c.relkind IN ('r', 'p') AND {USER_SCHEMAS}"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``generated`` is empty, ``s`` (stored) or ``v`` (virtual).

    ``exact`` where ``=`` is true only of values that print the same; ``comparable`` where ``=``
    takes an untyped literal (a composite's does not).
    """

    name: str
    type: str
    generated: str
    exact: bool
    comparable: bool


@dataclass(frozen=True, slots=True)
class Stubborn:
    """A trigger or rule that fires in replica mode too. ``kind`` is TRIGGER or RULE."""

    kind: str
    name: str
    enabled: str

    @property
    def silence(self) -> str:
        return f"DISABLE {self.kind} {sql.name(self.name)}"

    @property
    def restore(self) -> str:
        mode = "ALWAYS" if self.enabled == "A" else "REPLICA"
        return f"ENABLE {mode} {self.kind} {sql.name(self.name)}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table. ``key`` are the columns that single out a row at every moment, empty where none do."""

    schema: str
    name: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    stubborn: tuple[Stubborn, ...] = ()

    @property
    def sql(self) -> str:
        return sql.qualified(self.schema, self.name)

    @property
    def stored(self) -> tuple[str, ...]:
        """Columns that are written, not generated."""
        return tuple(one.name for one in self.columns.values() if not one.generated)


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables of the service by (schema, name), and their unique indexes."""

    tables: Mapping[tuple[str, str], Table] = field(default_factory=dict)
    unique_indexes: tuple[UniqueIndex, ...] = ()


def load(session: Session) -> Schema:
    """Read the catalog (four queries, a few milliseconds)."""
    columns: dict[int, dict[str, Column]] = defaultdict(dict)
    for oid, column, type_, generated, exact, comparable in session.run(_COLUMNS):
        columns[oid][column] = Column(column, type_, generated, exact, comparable)
    stubborn: dict[int, list[Stubborn]] = defaultdict(list)
    for oid, kind, title, enabled in session.run(_STUBBORN):
        stubborn[oid].append(Stubborn(kind, title, enabled))
    keys, unique = _indexes(session, columns)
    tables = {
        (schema, name): Table(schema, name, columns[oid], keys.get(oid, ()), tuple(stubborn[oid]))
        for oid, schema, name, _kind in session.run(_TABLES)
    }
    return Schema(tables, unique)


def _indexes(
    session: Session, columns: Mapping[int, Mapping[str, Column]]
) -> tuple[dict[int, tuple[str, ...]], tuple[UniqueIndex, ...]]:
    keys: dict[int, tuple[str, ...]] = {}
    unique: list[UniqueIndex] = []
    for oid, schema, table, index, members, usable in session.run(_INDEXES):
        unique.append(UniqueIndex(index, table, tuple(members), schema))
        if usable and members and _comparable(columns[oid], members):
            keys.setdefault(oid, tuple(members))
    return keys, tuple(unique)


def _comparable(columns: Mapping[str, Column], members: Iterable[str]) -> bool:
    return all(columns[member].comparable for member in members)
