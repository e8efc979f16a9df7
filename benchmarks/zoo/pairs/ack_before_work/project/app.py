"""`POST /members`: the member and the job to greet them are committed together, once for each key."""

import os
from typing import Annotated

import psycopg
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

URL = os.environ["DATABASE_URL"]
OPTIONS = "-c statement_timeout=400"
ADD = """
WITH member AS (
    INSERT INTO members (key, phone) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING RETURNING id, phone
)
INSERT INTO jobs (member_id, phone) SELECT id, phone FROM member RETURNING member_id
"""
FIND = "SELECT id FROM members WHERE key = %s"


class NewMember(BaseModel):
    key: Annotated[str, Field(min_length=1, max_length=100)]
    phone: Annotated[str, Field(min_length=3, max_length=20)]


app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/members")
def take(new: NewMember) -> JSONResponse:
    try:
        with psycopg.connect(URL, autocommit=True, connect_timeout=2, options=OPTIONS) as db:
            made = db.execute(ADD, (new.key, new.phone)).fetchone()
            if made is None:
                made = db.execute(FIND, (new.key,)).fetchone()
    except psycopg.Error:
        return JSONResponse({"error": "unavailable", "retryable": True}, 503)
    return JSONResponse({"id": made[0]}, 201)
