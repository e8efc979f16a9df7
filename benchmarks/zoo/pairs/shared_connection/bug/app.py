"""`POST /signups`: remembers an address, once for each key."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import asyncpg
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

ADD = "INSERT INTO signups (key, email) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING id"
FIND = "SELECT id FROM signups WHERE key = $1"
DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class Signup(BaseModel):
    key: Annotated[str, Field(min_length=1, max_length=100)]
    email: Annotated[str, Field(min_length=3, max_length=200, pattern=r"^[^@\s]+@[^@\s]+$")]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.db = await asyncpg.connect(
        os.environ["DATABASE_URL"],
        timeout=0.5,
        command_timeout=0.5,
        server_settings={"statement_timeout": "400"},
    )
    yield
    await app.state.db.close()


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/signups")
async def sign_up(new: Signup, request: Request) -> JSONResponse:
    db = request.app.state.db
    try:
        made = await db.fetchval(ADD, new.key, new.email)
        if made is None:
            made = await db.fetchval(FIND, new.key)
    except DATABASE_ERRORS:
        return JSONResponse({"error": "unavailable", "retryable": True}, 503)
    return JSONResponse({"id": made}, 201)
