"""`POST /topups`: charges the card, then stores the top-up. Asking again is safe."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import uuid4

import httpx
import psycopg
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from psycopg_pool import ConnectionPool
from pydantic import BaseModel, Field

PROVIDER = httpx.Client(base_url=os.environ["PROVIDER_URL"], timeout=0.5)
attempts: dict[str, str] = {}
ADD = "INSERT INTO topups (key, cents, charge) VALUES (%s, %s, %s) ON CONFLICT (key) DO NOTHING"
FIND = "SELECT id, cents FROM topups WHERE key = %s"
pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=1,
    max_size=4,
    timeout=0.5,
    check=ConnectionPool.check_connection,
    kwargs={"autocommit": True, "connect_timeout": 2, "options": "-c statement_timeout=400"},
    open=False,
)


class NewTopup(BaseModel):
    key: Annotated[str, Field(min_length=1, max_length=100)]
    cents: Annotated[int, Field(strict=True, gt=0, le=100_000_000)]


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    with pool:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/topups")
def top_up(new: NewTopup) -> JSONResponse:
    with pool.connection() as db:
        made = db.execute(FIND, (new.key,)).fetchone()
    if made is None:
        charge_id = charge(new.cents, charge_key(new.key))
        with pool.connection() as db:
            db.execute(ADD, (new.key, new.cents, charge_id))
            made = db.execute(FIND, (new.key,)).fetchone()
    return JSONResponse({"id": made[0], "cents": made[1]}, 201)


def charge_key(key: str) -> str:
    """The key to charge under: the same one for each try of a request."""
    return attempts.setdefault(key, str(uuid4()))


def charge(cents: int, key: str) -> str:
    try:
        reply = PROVIDER.post("/v1/charges", json={"cents": cents}, headers={"Idempotency-Key": key})
    except httpx.HTTPError as error:
        raise HTTPException(502, {"error": "payment_unreachable", "retryable": True}) from error
    if reply.status_code == 402:
        raise HTTPException(402, {"error": "card_declined", "retryable": False})
    charge_id = identity(reply) if reply.is_success else None
    if charge_id is None:
        raise HTTPException(502, {"error": "payment_unavailable", "retryable": True})
    return charge_id


def identity(reply: httpx.Response) -> str | None:
    """The charge's id, None where the provider's success names none."""
    try:
        found = reply.json()["id"]
    except (ValueError, TypeError, KeyError):
        return None
    return found if isinstance(found, str) else None


@app.exception_handler(psycopg.Error)
def unavailable(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse({"error": "unavailable", "retryable": True}, 503)
