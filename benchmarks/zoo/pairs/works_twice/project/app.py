"""`POST /payouts`: a payout is due from now on, once for each key; the worker makes it."""

import os
from typing import Annotated

import psycopg
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

URL = os.environ["DATABASE_URL"]
OPTIONS = "-c statement_timeout=400"
ADD = """
INSERT INTO payouts (key, account, cents) VALUES (%s, %s, %s) ON CONFLICT (key) DO NOTHING RETURNING id
"""
FIND = "SELECT id FROM payouts WHERE key = %s"


class NewPayout(BaseModel):
    key: Annotated[str, Field(min_length=1, max_length=100)]
    account: Annotated[str, Field(min_length=4, max_length=34)]
    cents: Annotated[int, Field(strict=True, gt=0, le=100_000_000)]


app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/payouts")
def take(new: NewPayout) -> JSONResponse:
    try:
        with psycopg.connect(URL, autocommit=True, connect_timeout=2, options=OPTIONS) as db:
            made = db.execute(ADD, (new.key, new.account, new.cents)).fetchone()
            if made is None:
                made = db.execute(FIND, (new.key,)).fetchone()
    except psycopg.Error:
        return JSONResponse({"error": "unavailable", "retryable": True}, 503)
    return JSONResponse({"id": made[0]}, 202)
