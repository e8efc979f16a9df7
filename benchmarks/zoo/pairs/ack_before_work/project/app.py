"""`POST /members`: the member and the job to greet them are committed together, once for each key."""

import os
from typing import Annotated

import psycopg
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

OPTIONS = "-c statement_timeout=400 -c transaction_timeout=700"
ADD = "INSERT INTO members (key, phone) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING RETURNING id"
QUEUE = "INSERT INTO jobs (member_id, phone) VALUES (%s, %s)"
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
        with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=2, options=OPTIONS) as db:
            made = db.execute(ADD, (new.key, new.phone)).fetchone()
            if made:
                db.execute(QUEUE, (made[0], new.phone))
            else:
                made = db.execute(FIND, (new.key,)).fetchone()
    except psycopg.Error:
        return JSONResponse({"error": "unavailable", "retryable": True}, 503)
    return JSONResponse({"id": made[0]}, 201)
