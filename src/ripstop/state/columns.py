"""What the live schema demands of each column: type, NOT NULL, length, CHECK, foreign key, uniqueness.

Read from the catalog on demand. What a demand makes of a request's field is the faults' business.
"""

# ruff: noqa: S608 - the statement holds constants of our own only

from __future__ import annotations

from ripstop.model.state import ColumnRule
from ripstop.state import sql
from ripstop.state.connection import Session
from ripstop.state.schema import USER_SCHEMAS

# atttypmod of varchar(n) and char(n) is n + 4, of a domain the domain's own (pg_type.typtypmod).
_RULES = f"""
SELECT n.nspname::text, c.relname::text, a.attname::text, format_type(b.oid, NULL),
       a.attnotnull OR t.typnotnull,
       CASE WHEN b.typname IN ('varchar', 'bpchar') AND greatest(a.atttypmod, t.typtypmod) > 4
            THEN greatest(a.atttypmod, t.typtypmod) - 4 END,
       array(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
             WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey) ORDER BY k.conname),
       array(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = b.oid ORDER BY e.enumsortorder),
       (SELECT f.relname::text FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
        WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
         ORDER BY k.conname LIMIT 1),
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid
               AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum AND i.indpred IS NULL)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
     JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
  AND c.relpersistence <> 't' AND {USER_SCHEMAS}
ORDER BY n.nspname, c.relname, a.attnum"""


def load(session: Session) -> tuple[ColumnRule, ...]:
    """A rule for every column, in order of schema, table and place. An enum's labels read as a CHECK."""
    found = []
    for schema, table, column, kind, filled, length, checks, labels, leads, unique in session.run(_RULES):
        listed = ", ".join(sql.literal(label) for label in labels)
        found.append(
            ColumnRule(
                sql.label(schema, table),
                column,
                kind,
                nullable=not filled,
                length=length,
                checks=(*checks, *([f"{column} IN ({listed})"] if labels else [])),
                references=leads or "",
                unique=unique,
            )
        )
    return tuple(found)
