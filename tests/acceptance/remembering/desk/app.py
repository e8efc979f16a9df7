"""Pays once under a key: the intention first, then the charge under the same key, then what came of it.

MANNER is `plain`, `breaker` (after one failure the till is left alone for a second), `limit` (five
requests, then 429 for as long as the process lives) or `drop` (told to end, it ends at once).
"""

import os
import signal
import time
from typing import Annotated, Any

import httpx
import psycopg
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

MANNER = os.environ["MANNER"]
OPEN_S = 1.0
LIMIT = 5
BEGIN = "INSERT INTO payments (key) VALUES (%s) ON CONFLICT DO NOTHING"
SETTLE = "UPDATE payments SET charge = %s WHERE key = %s AND charge IS NULL"
app = FastAPI()
remembered = {"failed_at": 0.0, "asked": 0}


class Payment(BaseModel):
    key: Annotated[str, Field(min_length=1, max_length=40, pattern="^[a-z0-9-]+$")]


@app.on_event("startup")
def drop() -> None:
    """After uvicorn's own handler, which drains."""
    if MANNER == "drop":
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/payments", status_code=201)
def pay(payment: Payment) -> Any:
    remembered["asked"] += 1
    if MANNER == "limit" and remembered["asked"] > LIMIT:
        return JSONResponse({"error": "too many"}, 429)
    if MANNER == "breaker" and time.monotonic() < remembered["failed_at"] + OPEN_S:
        return JSONResponse({"error": "the till rests"}, 503)
    try:
        _run(BEGIN, payment.key)
        charge = _charge(payment.key)
        _run(SETTLE, charge, payment.key)
    except psycopg.Error:
        return JSONResponse({"error": "try again"}, 503)
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        remembered["failed_at"] = time.monotonic()
        return JSONResponse({"error": "the till is away"}, 502)
    return {"charge": charge}


def _charge(key: str) -> str:
    headers = {"Idempotency-Key": key}
    answer = httpx.post(os.environ["TILL_URL"] + "/charges", json={}, headers=headers, timeout=0.5)
    charge = answer.raise_for_status().json()["id"]
    if not isinstance(charge, str):
        raise TypeError(charge)
    return charge


def _run(statement: str, *values: str) -> None:
    options = "-c statement_timeout=500"
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=2, options=options) as db:
        db.execute(statement, values)
