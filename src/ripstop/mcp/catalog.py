"""The live schema as the role that can only SELECT sees it: tables, columns, constraints, indexes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ripstop.mcp.answers import ColumnOf, TableOf
from ripstop.mcp.reader import MOST_ROWS, ask
from ripstop.model.address import PostgresAddress
from ripstop.state import sql
from ripstop.state.schema import USER_SCHEMAS

_TABLES = f"""
SELECT n.nspname, c.relname,
       CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relpersistence <> 't' AND NOT c.relispartition
  AND {USER_SCHEMAS}
ORDER BY n.nspname, c.relname"""  # noqa: S608 - constants of our own
_COLUMNS = f"""
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       CASE WHEN a.attidentity <> '' THEN 'identity' ELSE left(pg_get_expr(d.adbin, d.adrelid), 200) END
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm') AND {USER_SCHEMAS}
ORDER BY n.nspname, c.relname, a.attnum"""  # noqa: S608 - constants of our own
_CONSTRAINTS = f"""
SELECT n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND {USER_SCHEMAS} ORDER BY 1, 2, k.contype DESC, 3"""  # noqa: S608
_INDEXES = f"""
SELECT n.nspname, c.relname, x.relname, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {USER_SCHEMAS} ORDER BY 1, 2, 3"""  # noqa: S608 - constants of our own


def tables(reader: PostgresAddress, named: str = "") -> tuple[list[TableOf], bool]:
    """The tables, or the one named; and whether there are more than are told. Raises ExperimentError."""
    found = _by_table(reader, _TABLES)
    columns, constraints, indexes = (_by_table(reader, one) for one in (_COLUMNS, _CONSTRAINTS, _INDEXES))
    told = [
        TableOf(
            name=name,
            kind=kinds[0][0],
            columns=[
                ColumnOf(name=column, type=kind, nullable=not filled, default=default or "")
                for column, kind, filled, default in columns[0].get(name, [])
            ],
            constraints=[f"{title}: {text}" for title, text in constraints[0].get(name, [])],
            indexes=[f"{title}: {text}" for title, text in indexes[0].get(name, [])],
        )
        for name, kinds in found[0].items()
        if named in ("", name)
    ]
    return told, any(one[1] for one in (found, columns, constraints, indexes))


def _by_table(reader: PostgresAddress, question: str) -> tuple[dict[str, list[tuple[Any, ...]]], bool]:
    rows = ask(reader, question, limit=MOST_ROWS)
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for schema, table, *rest in (row for row in rows.rows if len(row) > 1):
        found[sql.label(schema, table)].append(tuple(rest))
    return found, rows.cut
