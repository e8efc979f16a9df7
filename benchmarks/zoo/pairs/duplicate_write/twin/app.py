"""`POST /expenses`: file an expense. Run as a module it creates the table."""

import asyncio
import os
from typing import Annotated, Any

import asyncpg
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_ERRORS = (
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)


class Base(DeclarativeBase):
    pass


class Expense(Base):
    __tablename__ = "expenses"

    id: Mapped[int] = mapped_column(primary_key=True)
    employee: Mapped[str]
    cents: Mapped[int]
    request_key: Mapped[str] = mapped_column(unique=True)


engine = create_async_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg"),
    pool_pre_ping=True,
    connect_args={"timeout": 0.6, "command_timeout": 0.6},
)
app = FastAPI()


class NewExpense(BaseModel):
    employee: Annotated[str, Field(strict=True, min_length=1, max_length=40)]
    cents: Annotated[int, Field(strict=True, gt=0, le=1_000_000)]


class NoDatabase(Exception):
    pass


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/expenses", status_code=201)
async def file_expense(
    new: NewExpense, key: Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
) -> dict[str, object]:
    return {"id": await within(0.6, store(new, key)), **new.model_dump()}


async def store(new: NewExpense, key: str) -> int:
    row = insert(Expense).values(**new.model_dump(), request_key=key).returning(Expense.id)
    row = row.on_conflict_do_update(index_elements=["request_key"], set_={"request_key": key})
    async with engine.begin() as connection:
        return (await connection.execute(row)).scalar_one()


async def within(seconds: float, work: Any) -> Any:
    """Wait so long and no longer: on a dead network the driver's own clean-up waits as well."""
    task = asyncio.create_task(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.cancel()
        raise NoDatabase
    try:
        return task.result()
    except DATABASE_ERRORS as error:
        raise NoDatabase from error


@app.exception_handler(NoDatabase)
async def no_database(_: Request, __: NoDatabase) -> JSONResponse:
    return JSONResponse({"error": "database_unavailable", "retryable": True}, 503)


async def create() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(create())
