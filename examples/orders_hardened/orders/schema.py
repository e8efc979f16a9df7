"""The orders table, one row for each idempotency key; run as a module it creates it."""

import asyncio

from sqlalchemy import BigInteger, Column, Identity, MetaData, Table, Text

metadata = MetaData()

orders = Table(
    "orders",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("charge_id", Text, nullable=False),
    Column("idempotency_key", Text, nullable=False, unique=True),
)


async def create() -> None:
    from orders.store import engine

    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(create())
