"""`POST /bookings`: books a room, once for each key."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Annotated

import psycopg
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

DATABASE_URL = os.environ["DATABASE_URL"]
OPTIONS = "-c statement_timeout=400 -c transaction_timeout=700"
POOL_SIZE = 2
ADD = "INSERT INTO bookings (key, room) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING RETURNING id"
FIND = "SELECT id FROM bookings WHERE key = %s"


class NewBooking(BaseModel):
    key: Annotated[str, Field(min_length=1, max_length=100)]
    room: Annotated[str, Field(min_length=1, max_length=40)]


def connect() -> psycopg.Connection:
    return psycopg.connect(DATABASE_URL, connect_timeout=2, options=OPTIONS)


idle: LifoQueue[psycopg.Connection] = LifoQueue()
for _ in range(POOL_SIZE):
    idle.put(connect())


@contextmanager
def borrowed() -> Iterator[psycopg.Connection]:
    db = idle.get(timeout=0.5)
    try:
        if db.closed:
            db = connect()
        yield db
        db.commit()
    finally:
        idle.put(db)


app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/bookings")
def book(new: NewBooking) -> JSONResponse:
    try:
        with borrowed() as db:
            made = db.execute(ADD, (new.key, new.room)).fetchone()
            if made is None:
                made = db.execute(FIND, (new.key,)).fetchone()
    except (psycopg.Error, Empty):
        return JSONResponse({"error": "unavailable", "retryable": True}, 503)
    return JSONResponse({"id": made[0]}, 201)
