"""`POST /links` gives out a link that is good for an hour, `GET /document` opens what it leads to."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Annotated

import psycopg
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from pydantic import BaseModel, Field

INSERT = """
INSERT INTO links (token, idempotency_key, document, expires_at)
VALUES (%(token)s, %(key)s, %(document)s, now() + interval '1 hour')
ON CONFLICT (idempotency_key) DO UPDATE SET idempotency_key = EXCLUDED.idempotency_key
RETURNING token, expires_at
"""
OPEN = "SELECT document FROM links WHERE token = %s AND expires_at > now()"
BEARER = re.compile(r"Bearer ([\w-]{43})")


class NewLink(BaseModel):
    document: Annotated[str, Field(strict=True, min_length=1, max_length=80, pattern=r"^[\w-]+$")]


pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=1,
    max_size=5,
    timeout=0.3,
    check=ConnectionPool.check_connection,
    kwargs={"autocommit": True, "row_factory": dict_row, "options": "-c statement_timeout=300"},
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


@app.post("/links", status_code=201)
def share(
    wanted: NewLink, idempotency_key: Annotated[str, Header(min_length=1, max_length=200)]
) -> dict[str, object]:
    values = {"token": secrets.token_urlsafe(32), "key": idempotency_key, "document": wanted.document}
    with pool.connection() as connection:
        return connection.execute(INSERT, values).fetchone()


@app.get("/document")
def document(authorization: Annotated[str, Header()] = "") -> JSONResponse:
    shown = BEARER.fullmatch(authorization)
    if shown is None:
        return JSONResponse({"error": "no_link"}, 401)
    with pool.connection() as connection:
        found = connection.execute(OPEN, [shown[1]]).fetchone()
    if found is None:
        return JSONResponse({"error": "link_unknown_or_expired"}, 401)
    return JSONResponse(found)


@app.exception_handler(psycopg.Error)
def no_database(_: Request, __: psycopg.Error) -> JSONResponse:
    return JSONResponse({"error": "database_unavailable", "retryable": True}, 503)
