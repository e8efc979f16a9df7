"""One more database on a server that runs: made here, watched as any other is, gone with its server."""

from __future__ import annotations

from ripstop.model.address import PostgresAddress
from ripstop.state import sql
from ripstop.state.connection import connect


def found(admin: PostgresAddress, wanted: PostgresAddress) -> None:
    """Create the database ``wanted`` names and, where the server has no such role, its owner.

    ``admin`` is a superuser of any other database there. Raises StatementFailed, with SQLSTATE 42P04
    where the database exists.
    """
    session = connect(admin)
    try:
        role = sql.name(wanted.user)
        if not session.run(f"SELECT FROM pg_roles WHERE rolname = {sql.literal(wanted.user)}"):
            session.execute(f"CREATE ROLE {role} LOGIN PASSWORD {sql.literal(wanted.password)}")
        session.execute(f"CREATE DATABASE {sql.name(wanted.database)} OWNER {role}")
    finally:
        session.close()
