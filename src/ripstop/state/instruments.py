"""What is put into the service's database so that every committed change can be read back whole.

Old images (``REPLICA IDENTITY FULL``) on all tables, unlogged tables turned into logged ones, a
trigger by which a TRUNCATE deletes the rows first (so that they can be read, and put back), and event
triggers that do the same for tables to come and write a note into the stream when DDL was committed.
Everything of ours lives in a schema of its own, ``_ripstop`` (no login has that name, so no
search_path finds it by ``"$user"``).
"""

# ruff: noqa: S608 - every name and value in these statements is quoted by sql.py or is our own

from __future__ import annotations

from ripstop.errors import StartError
from ripstop.state import sql
from ripstop.state.connection import Session, StatementFailed
from ripstop.state.decoding import DDL, EMPTIED, PREFIX
from ripstop.state.schema import USER_SCHEMAS

EMPTIED_ROWS = 2_000
_TRIGGER = "zz_ripstop_truncate"

# The functions run as the superuser who created them: the service may be anyone, and a session of
# it may have any search_path. Commands that did nothing (IF NOT EXISTS) and those on temporary
# tables are not DDL worth a note. ALTER TABLE in the function fires the trigger once more, which
# then finds nothing to do.
_INSTALL = f"""
DROP SCHEMA IF EXISTS _ripstop CASCADE;
CREATE SCHEMA _ripstop;
CREATE FUNCTION _ripstop.on_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET session_replication_role = replica AS $ripstop$
DECLARE
  found_rows int;
  target text := '"' || replace(tg_table_schema, '"', '""') || '"."'
    || replace(tg_table_name, '"', '""') || '"';
BEGIN
  PERFORM FROM pg_trigger WHERE tgrelid = tg_relid AND tgenabled IN ('A', 'R')
    UNION ALL SELECT FROM pg_rewrite WHERE ev_class = tg_relid AND ev_enabled IN ('A', 'R');
  IF FOUND THEN
    RETURN NULL;
  END IF;
  EXECUTE format('SELECT count(*) FROM (SELECT FROM ONLY %s LIMIT {EMPTIED_ROWS} + 1) AS found', target)
    INTO found_rows;
  IF found_rows <= {EMPTIED_ROWS} THEN
    EXECUTE format('DELETE FROM ONLY %s', target);
    PERFORM pg_logical_emit_message(true, '{PREFIX}', '{EMPTIED} ' || target);
  END IF;
  RETURN NULL;
END $ripstop$;
CREATE FUNCTION _ripstop.on_ddl_end() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $ripstop$
DECLARE
  command record;
  seen text;
BEGIN
  FOR command IN
    SELECT d.* FROM pg_event_trigger_ddl_commands() AS d
    WHERE d.schema_name IS DISTINCT FROM 'pg_temp' AND d.objid IS NOT NULL
  LOOP
    seen := command.command_tag;
    IF command.classid = 'pg_class'::regclass THEN
      PERFORM FROM pg_class WHERE oid = command.objid AND relkind = 'r' AND relpersistence = 'u';
      IF FOUND THEN
        EXECUTE format('ALTER TABLE %s SET LOGGED', command.objid::regclass);
      END IF;
      PERFORM FROM pg_class WHERE oid = command.objid AND relkind IN ('r', 'p')
        AND relreplident <> 'f' AND relpersistence = 'p';
      IF FOUND THEN
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', command.objid::regclass);
      END IF;
      PERFORM FROM pg_class WHERE oid = command.objid AND relkind IN ('r', 'p') AND relpersistence = 'p'
        AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = command.objid AND tgname = '{_TRIGGER}');
      IF FOUND THEN
        EXECUTE format('CREATE TRIGGER {_TRIGGER} BEFORE TRUNCATE ON %s'
          ' EXECUTE FUNCTION _ripstop.on_truncate()', command.objid::regclass);
      END IF;
    END IF;
  END LOOP;
  IF seen IS NOT NULL THEN
    PERFORM pg_logical_emit_message(true, '{PREFIX}', '{DDL} ' || seen);
  END IF;
END $ripstop$;
CREATE FUNCTION _ripstop.on_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $ripstop$
BEGIN
  PERFORM FROM pg_event_trigger_dropped_objects() WHERE NOT is_temporary;
  IF FOUND THEN
    PERFORM pg_logical_emit_message(true, '{PREFIX}', '{DDL} ' || tg_tag);
  END IF;
END $ripstop$"""

_WATCH = """
CREATE EVENT TRIGGER ripstop_ddl_end ON ddl_command_end EXECUTE FUNCTION _ripstop.on_ddl_end();
CREATE EVENT TRIGGER ripstop_drop ON sql_drop EXECUTE FUNCTION _ripstop.on_drop();
ALTER EVENT TRIGGER ripstop_ddl_end ENABLE ALWAYS;
ALTER EVENT TRIGGER ripstop_drop ENABLE ALWAYS"""

_REMOVE = """
DROP EVENT TRIGGER IF EXISTS ripstop_ddl_end;
DROP EVENT TRIGGER IF EXISTS ripstop_drop;
DROP SCHEMA IF EXISTS _ripstop CASCADE"""

_TABLES = f"""
SELECT n.nspname::text, c.relname::text, c.relreplident <> 'f'
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND {USER_SCHEMAS}"""

_UNLOGGED = f"""
SELECT n.nspname::text, c.relname::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'u' AND {USER_SCHEMAS}"""


def install(session: Session) -> None:
    """Prepare every table there is and every table to come. Raises StartError where it cannot.

    Call it while nobody else is connected: it takes short exclusive locks.
    """
    level, superuser = session.run("SELECT current_setting('wal_level'), current_setting('is_superuser')")[0]
    if level != "logical":
        raise StartError(
            "wal-level", f"the server runs with wal_level={level}", way_out="set wal_level=logical"
        )
    if superuser != "on":
        raise StartError("not-superuser", "reading committed changes needs a superuser of the database")
    remove(session)
    _set_logged(session)
    session.execute(_INSTALL)
    for schema, table, without_old_image in session.run(_TABLES):
        name = sql.qualified(schema, table)
        if without_old_image:
            session.execute(f"ALTER TABLE {name} REPLICA IDENTITY FULL")
        session.execute(
            f"CREATE TRIGGER {_TRIGGER} BEFORE TRUNCATE ON {name} EXECUTE FUNCTION _ripstop.on_truncate()"
        )
    session.execute(_WATCH)


def remove(session: Session) -> None:
    """Take our schema and triggers out again; tables keep their replica identity."""
    session.execute(_REMOVE)


def _set_logged(session: Session) -> None:
    """Unlogged tables are not decoded. A table goes only after those it refers to, hence the rounds."""
    left = session.run(_UNLOGGED)
    while left:
        for schema, table in left:
            try:
                session.execute(f"ALTER TABLE {sql.qualified(schema, table)} SET LOGGED")
            except StatementFailed:
                continue
        before, left = left, session.run(_UNLOGGED)
        if len(left) == len(before):
            names = [sql.label(schema, table) for schema, table in left]
            raise StartError("unlogged-table", "unlogged tables that cannot be set LOGGED", details=names)
