"""Creates the tables of bookings and of answers given, one row each for an idempotency key."""

import asyncio
import os

import asyncpg

TABLES = """
CREATE TABLE IF NOT EXISTS bookings (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key       text NOT NULL UNIQUE,
    room      text NOT NULL,
    cents     integer NOT NULL,
    charge_id text NOT NULL
);
CREATE TABLE IF NOT EXISTS answers (
    key    text PRIMARY KEY,
    status integer NOT NULL,
    body   text NOT NULL
);
"""


async def create() -> None:
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    await connection.execute(TABLES)
    await connection.close()


if __name__ == "__main__":
    asyncio.run(create())
