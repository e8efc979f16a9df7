"""A checksum of every table: equal exactly when the tables hold the same rows, in any order."""

# ruff: noqa: S608 - every name and value in these statements is quoted by sql.py or is our own

from __future__ import annotations

from collections.abc import Collection

from ripstop.state import sql
from ripstop.state.connection import Session
from ripstop.state.schema import USER_SCHEMAS

LARGE_OBJECTS = "pg_largeobject"

_SUMMED = f"""
SELECT n.nspname::text, c.relname::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated)
  AND c.relpersistence <> 't' AND {USER_SCHEMAS}
ORDER BY 1, 2"""

# A row as text is what every column's output function prints, NULL told from empty (chapter
# 8.16.6). Two digests keep it short and order-independent.
_DIGEST = """(SELECT count(*) || ':' || coalesce(md5(string_agg(digest, '' ORDER BY digest COLLATE "C")), '')
 FROM (SELECT md5({row}) AS digest FROM {source}) AS digests)"""


def checksum(session: Session, only: Collection[tuple[str, str]] | None = None) -> dict[str, str]:
    """Each table's checksum by name (qualified outside ``public``), partitions by themselves.

    Tables and populated materialized views of every schema but the system's; large objects, where
    there are any, under ``pg_largeobject``. ``only`` restricts it to tables by (schema, name).
    """
    tables = [(s, t) for s, t in session.run(_SUMMED) if only is None or (s, t) in only]
    sums = {sql.label(s, t): _digest("(r.*)::text", f"ONLY {sql.qualified(s, t)} AS r") for s, t in tables}
    if only is None:
        sums[LARGE_OBJECTS] = _digest("o::text", "pg_catalog.pg_largeobject AS o")
    if not sums:
        return {}
    values = session.run(f"SELECT {', '.join(sums.values())}")[0]
    found = dict(zip(sums, values, strict=True))
    if found.get(LARGE_OBJECTS) == "0:":
        del found[LARGE_OBJECTS]
    return found


def _digest(row: str, source: str) -> str:
    return _DIGEST.format(row=row, source=source)
