"""One row for each sign-up; run as a program it creates the table."""

import asyncio
import os

import asyncpg

DDL = """
CREATE TABLE signups (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key   text NOT NULL UNIQUE,
    email text NOT NULL
)
"""


async def create() -> None:
    db = await asyncpg.connect(os.environ["DATABASE_URL"])
    await db.execute(DDL)
    await db.close()


if __name__ == "__main__":
    asyncio.run(create())
