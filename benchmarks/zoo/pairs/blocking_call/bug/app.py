"""`POST /shipments`: buys a label at the carrier's, then stores the shipment. Asking again is safe."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import asyncpg
import requests
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

CARRIER_URL = os.environ["CARRIER_URL"]
CARRIER_TIMEOUT_S = 0.8
ADD = """
INSERT INTO shipments (key, postcode, label) VALUES ($1, $2, $3)
ON CONFLICT (key) DO NOTHING RETURNING id, label
"""
FIND = "SELECT id, label FROM shipments WHERE key = $1"
DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class NewShipment(BaseModel):
    key: Annotated[str, Field(min_length=1, max_length=100)]
    postcode: Annotated[str, Field(min_length=3, max_length=10)]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    url = os.environ["DATABASE_URL"]
    limits = {"timeout": 0.4, "command_timeout": 0.4, "server_settings": {"statement_timeout": "300"}}
    async with asyncpg.create_pool(url, min_size=1, max_size=4, **limits) as app.state.db:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/shipments")
async def ship(new: NewShipment, request: Request) -> JSONResponse:
    label = await buy_label(new)
    try:
        async with request.app.state.db.acquire(timeout=0.4) as db:
            made = await db.fetchrow(ADD, new.key, new.postcode, label)
            if made is None:
                made = await db.fetchrow(FIND, new.key)
    except DATABASE_ERRORS as error:
        raise HTTPException(503, {"error": "unavailable", "retryable": True}) from error
    return JSONResponse(dict(made), 201)


async def buy_label(new: NewShipment) -> str:
    try:
        reply = post(new)
        label = reply.json().get("label") if reply.status_code == 201 else None
    except (requests.RequestException, AttributeError) as error:
        raise HTTPException(502, {"error": "carrier_unreachable", "retryable": True}) from error
    if not isinstance(label, str):
        raise HTTPException(502, {"error": "carrier_refused", "retryable": True})
    return label


def post(new: NewShipment) -> requests.Response:
    return requests.post(
        f"{CARRIER_URL}/v1/labels",
        json={"postcode": new.postcode},
        headers={"Idempotency-Key": new.key},
        timeout=CARRIER_TIMEOUT_S,
    )
