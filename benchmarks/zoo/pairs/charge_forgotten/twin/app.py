"""`POST /tickets`: note the attempt, charge the card, issue the ticket; each once for an idempotency key."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
import httpx
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

BEGIN = """
INSERT INTO attempts (key) VALUES ($1)
ON CONFLICT (key) DO UPDATE SET key = EXCLUDED.key RETURNING state
"""
FAIL = "UPDATE attempts SET state = 'failed' WHERE key = $1"
ISSUE = """
INSERT INTO tickets (key, event, cents, charge_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (key) DO UPDATE SET key = EXCLUDED.key RETURNING id
"""
DATABASE_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a pooled connection that the server ended a moment ago
    OSError,
    TimeoutError,
)

Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


class Purchase(BaseModel):
    event: Annotated[str, Field(strict=True, min_length=1, max_length=80)]
    cents: Annotated[int, Field(strict=True, ge=100, le=100_000)]


class Refused(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    pool = asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=5, timeout=0.6)
    provider = httpx.AsyncClient(base_url=os.environ["PAYMENTS_URL"], timeout=0.5)
    async with pool as app.state.pool, provider as app.state.provider:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/tickets", status_code=201)
async def buy(wanted: Purchase, key: Key) -> dict[str, object]:
    if await query(BEGIN, key) == "failed":
        raise Refused(402, "payment_failed")
    charge_id = await charge(wanted, key)
    ticket = await query(ISSUE, key, wanted.event, wanted.cents, charge_id)
    return {"id": ticket, "event": wanted.event}


async def charge(wanted: Purchase, key: str) -> str:
    try:
        reply = await app.state.provider.post(
            "/v1/charges", json=wanted.model_dump(), headers={"Idempotency-Key": key}
        )
    except httpx.TimeoutException as error:
        raise Refused(504, "payment_timeout") from error
    except httpx.HTTPError as error:
        raise Refused(502, "payment_unreachable") from error
    if reply.status_code == 402:
        await query(FAIL, key)
        raise Refused(402, "payment_failed")
    if reply.status_code != 201:
        raise Refused(502, "payment_unavailable")
    try:
        made = reply.json()
        if made["status"] == "succeeded" and isinstance(made["id"], str):
            return made["id"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(502, "payment_unconfirmed") from error
    raise Refused(502, "payment_unconfirmed")


async def query(statement: str, *arguments: object) -> Any:
    """One statement on its own, 0.6 s at most: nobody waits for a clean-up on a dead network either."""
    task = asyncio.create_task(app.state.pool.fetchval(statement, *arguments))
    done, _ = await asyncio.wait({task}, timeout=0.6)
    if not done:
        task.cancel()
        raise Refused(503, "database_timeout")
    try:
        return task.result()
    except DATABASE_ERRORS as error:
        raise Refused(503, "database_unavailable") from error


@app.exception_handler(Refused)
async def tell(_: Request, refused: Refused) -> JSONResponse:
    return JSONResponse({"error": refused.error, "retryable": refused.status > 499}, refused.status)
