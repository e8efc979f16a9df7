"""Storing an order, once for each idempotency key, within a deadline."""

import asyncio
import os
from collections.abc import Coroutine, Mapping
from typing import Any

import asyncpg
from sqlalchemy import make_url, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from orders.errors import OrderError
from orders.schema import orders

Stored = Mapping[str, Any]

DATABASE_TIMEOUT_S: float | None = 1.5

# While it connects, the driver's own exceptions come through SQLAlchemy as they are.
DATABASE_ERRORS = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

engine = create_async_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg"),
    connect_args={"timeout": DATABASE_TIMEOUT_S, "command_timeout": DATABASE_TIMEOUT_S},
)


async def store(values: dict[str, Any]) -> Stored:
    """The stored order: this one, or the first one with its idempotency key."""
    try:
        return await within(DATABASE_TIMEOUT_S, insert_once(values))
    except DATABASE_ERRORS as error:
        raise OrderError(503, "order_persist_failed") from error


async def insert_once(values: dict[str, Any]) -> Stored:
    statement = insert(orders).values(values).on_conflict_do_nothing().returning(*orders.c)
    async with engine.begin() as connection:
        stored = (await connection.execute(statement)).mappings().one_or_none()
        if stored is None:
            first = select(orders).where(orders.c.idempotency_key == values["idempotency_key"])
            stored = (await connection.execute(first)).mappings().one()
    return stored


async def within(seconds: float | None, work: Coroutine[Any, Any, Stored]) -> Stored:
    """Wait so long and no longer: unlike asyncio.timeout, not for the cancelled work's clean-up either.

    On a dead network the driver's rollback waits as well.
    """
    task = asyncio.create_task(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.cancel()
        raise TimeoutError
    return task.result()
