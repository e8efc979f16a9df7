"""One row for each shipment; run as a program it creates the table."""

import asyncio
import os

import asyncpg

DDL = """
CREATE TABLE shipments (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key      text NOT NULL UNIQUE,
    postcode text NOT NULL,
    label    text NOT NULL
)
"""


async def create() -> None:
    db = await asyncpg.connect(os.environ["DATABASE_URL"])
    await db.execute(DDL)
    await db.close()


if __name__ == "__main__":
    asyncio.run(create())
