"""`POST /orders`: take a cart's lines out of stock and store the order, in one transaction."""

import os
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Annotated

import psycopg
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from psycopg_pool import ConnectionPool
from pydantic import BaseModel, Field

INSERT = """
INSERT INTO orders (idempotency_key, skus) VALUES (%s, %s)
ON CONFLICT (idempotency_key) DO NOTHING RETURNING id
"""
OUTAGES = {"08", "25", "53", "55", "57"}
"""Classes of SQLSTATE of a database that is not well: no connection, read-only, no room, no lock, no time."""

Sku = Annotated[str, Field(strict=True, min_length=1, max_length=40)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


class Cart(BaseModel):
    skus: Annotated[list[Sku], Field(min_length=1, max_length=20)]


class SoldOut(Exception):
    pass


pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=1,
    max_size=5,
    timeout=0.5,
    check=ConnectionPool.check_connection,
    kwargs={"options": "-c statement_timeout=500 -c transaction_timeout=700"},
    open=False,
)


@asynccontextmanager
async def lifespan(_: FastAPI) -> Iterator[None]:
    pool.open()
    yield
    pool.close()


app = FastAPI(lifespan=lifespan)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/orders", status_code=201)
def place_order(cart: Cart, key: Key) -> dict[str, object]:
    return {"id": store(cart.skus, key), "skus": cart.skus}


def store(skus: list[str], key: str) -> int:
    with pool.connection() as connection:
        order = connection.execute(INSERT, (key, skus)).fetchone()
        if order is None:
            return connection.execute("SELECT id FROM orders WHERE idempotency_key = %s", (key,)).fetchone()[
                0
            ]
        for sku in skus:
            taken = connection.execute(
                "UPDATE stock SET left_over = left_over - 1 WHERE sku = %s AND left_over > 0", (sku,)
            )
            if not taken.rowcount:
                raise SoldOut(sku)
        return order[0]


@app.exception_handler(SoldOut)
def sold_out(_: Request, what: SoldOut) -> JSONResponse:
    return JSONResponse({"error": "sold_out", "sku": str(what)}, 409)


@app.exception_handler(psycopg.Error)
def database_error(_: Request, error: psycopg.Error) -> JSONResponse:
    if error.sqlstate is None or error.sqlstate[:2] in OUTAGES:
        return JSONResponse({"error": "database_unavailable", "retryable": True}, 503)
    raise error
