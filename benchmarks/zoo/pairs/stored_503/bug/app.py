"""`POST /bookings`: charge the card, then store the booking; a repeated key gets the first answer."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
import httpx
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

GIVEN = "SELECT status, body FROM answers WHERE key = $1"
KEEP = "INSERT INTO answers (key, status, body) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING"
BOOK = """
INSERT INTO bookings (key, room, cents, charge_id) VALUES ($1, $2, $3, $4)
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


class Booking(BaseModel):
    room: Annotated[str, Field(strict=True, min_length=1, max_length=80)]
    cents: Annotated[int, Field(strict=True, ge=100, le=100_000)]


class Refused(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error, "retryable": status > 499}


class NoDatabase(Exception):
    pass


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


@app.post("/bookings")
async def book(wanted: Booking, key: Key) -> JSONResponse:
    if given := await query(GIVEN, key):
        return JSONResponse(json.loads(given["body"]), given["status"])
    try:
        status, body = 201, await place(wanted, key)
    except Refused as refused:
        status, body = refused.status, refused.body
    await query(KEEP, key, status, json.dumps(body))
    return JSONResponse(body, status)


async def place(wanted: Booking, key: str) -> dict[str, object]:
    charge_id = await charge(wanted, key)
    booked = await query(BOOK, key, wanted.room, wanted.cents, charge_id)
    return {"id": booked["id"], "room": wanted.room}


async def charge(wanted: Booking, key: str) -> str:
    try:
        reply = await app.state.provider.post(
            "/v1/charges", json=wanted.model_dump(), headers={"Idempotency-Key": key}
        )
    except httpx.TimeoutException as error:
        raise Refused(504, "payment_timeout") from error
    except httpx.HTTPError as error:
        raise Refused(503, "payment_unreachable") from error
    if reply.status_code == 402:
        raise Refused(402, "card_declined")
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
    task = asyncio.create_task(app.state.pool.fetchrow(statement, *arguments))
    done, _ = await asyncio.wait({task}, timeout=0.6)
    if not done:
        task.cancel()
        raise NoDatabase("no answer")
    try:
        return task.result()
    except DATABASE_ERRORS as error:
        raise NoDatabase("no connection") from error


@app.exception_handler(NoDatabase)
async def tell(_: Request, __: NoDatabase) -> JSONResponse:
    return JSONResponse({"error": "database_unavailable", "retryable": True}, 503)
