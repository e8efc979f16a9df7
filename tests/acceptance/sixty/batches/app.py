"""`POST /batches`: eight notices, then twelve deliveries and 36 lines in one transaction.

With BEGIN, COMMIT and both ends of a savepoint that makes sixty crossings. Four are handled wrongly,
all in the middle of a loop: what breaks the turns before and after them is told as it is.
"""

import contextlib
import os
from typing import Any, LiteralString

import httpx
import psycopg
from fastapi import FastAPI, HTTPException

NOTICES, DELIVERIES, LINES = range(1, 9), range(1, 13), range(1, 37)
UNIMPORTANT_NOTICE, UNIMPORTANT_DELIVERY, REFUSED_DELIVERY, REFUSED_LINE = 5, 7, 10, 20

app = FastAPI()
provider = httpx.Client(base_url=os.environ["PROVIDER_URL"])
Connection = psycopg.Connection[Any]


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/batches", status_code=201)
def store(payload: dict[str, str]) -> dict[str, Any]:
    key = payload["key"]
    try:
        for line in NOTICES:
            notify(key, line)
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            for line in DELIVERIES:
                deliver(connection, key, line)
            for line in LINES:
                insert(connection, key, line)
    except (httpx.HTTPError, psycopg.Error) as error:
        raise HTTPException(503, "try again") from error
    return {"batch": key, "lines": len(LINES)}


def notify(key: str, line: int) -> None:
    headers = {"Idempotency-Key": f"{key}-{line}"}
    try:
        provider.post("/v1/notices", json={"line": line}, headers=headers).raise_for_status()
    except httpx.HTTPError:
        if line != UNIMPORTANT_NOTICE:
            raise


def deliver(connection: Connection, key: str, line: int) -> None:
    if line == UNIMPORTANT_DELIVERY:
        with contextlib.suppress(psycopg.Error), connection.transaction():
            put(connection, "deliveries", key, line)
        return
    try:
        put(connection, "deliveries", key, line)
    except psycopg.Error as error:
        if line == REFUSED_DELIVERY:
            raise HTTPException(409, "already booked") from error
        raise


def insert(connection: Connection, key: str, line: int) -> None:
    try:
        put(connection, "lines", key, line)
    except psycopg.Error as error:
        if line == REFUSED_LINE:
            raise HTTPException(422, "no such line") from error
        raise


def put(connection: Connection, table: LiteralString, key: str, line: int) -> None:
    connection.execute(f"INSERT INTO {table} VALUES (%s, %s) ON CONFLICT DO NOTHING", (key, line))
