"""Creates the tables of attempts and tickets, one row each for an idempotency key."""

import asyncio
import os

import asyncpg

TABLES = """
CREATE TABLE IF NOT EXISTS attempts (
    key   text PRIMARY KEY,
    state text NOT NULL DEFAULT 'open'
);
CREATE TABLE IF NOT EXISTS tickets (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key       text NOT NULL UNIQUE REFERENCES attempts,
    event     text NOT NULL,
    cents     integer NOT NULL,
    charge_id text NOT NULL
);
"""


async def create() -> None:
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    await connection.execute(TABLES)
    await connection.close()


if __name__ == "__main__":
    asyncio.run(create())
