"""`POST /tickets`: opens a ticket, once for each key."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import psycopg
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from psycopg_pool import ConnectionPool
from pydantic import BaseModel, Field

ADD = "INSERT INTO tickets (key, body) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING RETURNING id"
FIND = "SELECT id FROM tickets WHERE key = %s"
pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=2,
    max_size=2,
    timeout=0.5,
    check=ConnectionPool.check_connection,
    kwargs={"autocommit": True, "connect_timeout": 2, "options": "-c statement_timeout=400"},
    open=False,
)


class NewTicket(BaseModel):
    key: Annotated[str, Field(min_length=1, max_length=100)]
    body: Annotated[str, Field(min_length=1, max_length=4000)]


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    with pool:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/tickets")
def open_ticket(new: NewTicket) -> JSONResponse:
    return JSONResponse({"id": store(new)}, 201)


def store(new: NewTicket) -> int:
    with pool.connection() as db:
        made = db.execute(ADD, (new.key, new.body)).fetchone()
        if made is None:
            made = db.execute(FIND, (new.key,)).fetchone()
    return made[0]


@app.exception_handler(psycopg.Error)
def unavailable(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse({"error": "unavailable", "retryable": True}, 503)
