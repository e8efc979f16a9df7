"""`POST /notes`: takes a note, once for each idempotency key."""

import logging

from flask import Flask, request
from flask.typing import ResponseReturnValue
from notes.schema import Note, engine
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

app = Flask(__name__)
log = logging.getLogger(__name__)


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"status": "ok"}


@app.errorhandler(SQLAlchemyError)
def unavailable(error: SQLAlchemyError) -> ResponseReturnValue:
    log.error("the database failed", exc_info=error)
    return {"error": str(error), "retryable": True}, 503


@app.post("/notes")
def take() -> ResponseReturnValue:
    body = request.get_json(silent=True)
    key = request.headers.get("Idempotency-Key", "")
    if not isinstance(body, dict) or not is_word(body.get("text")) or not is_word(key):
        return {"error": "text and an Idempotency-Key required"}, 400
    with Session(engine) as session, session.begin():
        session.execute(insert(Note).values(text=body["text"], idempotency_key=key).on_conflict_do_nothing())
        note = session.scalars(select(Note).where(Note.idempotency_key == key)).one()
        taken = {"id": note.id, "text": note.text}
    return taken, 201


def is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()
