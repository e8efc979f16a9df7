"""`POST /topups`: charge the card on file, then book the amount."""

import os
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import psycopg
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from pydantic import BaseModel, Field

INSERT = """
INSERT INTO topups (idempotency_key, account, cents, charge_id)
VALUES (%(key)s, %(account)s, %(cents)s, %(charge_id)s)
ON CONFLICT (idempotency_key) DO UPDATE SET idempotency_key = EXCLUDED.idempotency_key
RETURNING id, account, cents
"""


class Refused(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


class TopUp(BaseModel):
    account: Annotated[str, Field(strict=True, min_length=1, max_length=80)]
    cents: Annotated[int, Field(strict=True, ge=100, le=50_000)]


pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=1,
    max_size=5,
    timeout=0.5,
    check=ConnectionPool.check_connection,
    kwargs={"autocommit": True, "row_factory": dict_row, "options": "-c statement_timeout=500"},
    open=False,
)
provider = httpx.Client(base_url=os.environ["PAYMENTS_URL"], timeout=0.5)


@asynccontextmanager
async def lifespan(_: FastAPI) -> Iterator[None]:
    pool.open()
    yield
    pool.close()
    provider.close()


app = FastAPI(lifespan=lifespan)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/topups", status_code=201)
def top_up(
    wanted: TopUp, idempotency_key: Annotated[str, Header(min_length=1, max_length=200)]
) -> dict[str, object]:
    charge_id = charge(wanted, idempotency_key)
    with pool.connection() as connection:
        booked = {**wanted.model_dump(), "key": idempotency_key, "charge_id": charge_id}
        return connection.execute(INSERT, booked).fetchone()


def charge(wanted: TopUp, key: str) -> str:
    try:
        reply = provider.post("/v1/charges", json=wanted.model_dump(), headers={"Idempotency-Key": key})
    except httpx.TimeoutException as error:
        raise Refused(504, "payment_timeout") from error
    except httpx.HTTPError as error:
        raise Refused(502, "payment_unreachable") from error
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


@app.exception_handler(Refused)
def tell(_: Request, refused: Refused) -> JSONResponse:
    return JSONResponse({"error": refused.error, "retryable": refused.status != 402}, refused.status)


@app.exception_handler(psycopg.Error)
def no_database(_: Request, __: psycopg.Error) -> JSONResponse:
    return JSONResponse({"error": "database_unavailable", "retryable": True}, 503)
