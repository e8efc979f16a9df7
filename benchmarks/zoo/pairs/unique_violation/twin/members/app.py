"""`POST /members`: signs somebody up, each address once. The same sign-up may be sent again."""

import logging

from flask import Flask, request
from flask.typing import ResponseReturnValue
from members.schema import Member, engine
from sqlalchemy import exc, select
from sqlalchemy.orm import Session

app = Flask(__name__)
log = logging.getLogger(__name__)


class TakenError(Exception):
    """Somebody else has signed up with this address."""


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"status": "ok"}


@app.errorhandler(exc.OperationalError)
@app.errorhandler(exc.InterfaceError)
@app.errorhandler(exc.InternalError)
@app.errorhandler(exc.TimeoutError)
def unavailable(error: Exception) -> ResponseReturnValue:
    log.error("the database failed", exc_info=error)
    return {"error": "database_unavailable", "retryable": True}, 503


@app.errorhandler(TakenError)
def taken(_: TakenError) -> ResponseReturnValue:
    return {"error": "address_taken"}, 409


@app.post("/members")
def sign_up() -> ResponseReturnValue:
    body = request.get_json(silent=True)
    key = request.headers.get("Idempotency-Key", "")
    if not isinstance(body, dict) or not all(map(is_word, (body.get("email"), body.get("name"), key))):
        return {"error": "email, name and an Idempotency-Key required"}, 400
    try:
        return enter(body["email"], body["name"], key), 201
    except exc.IntegrityError:
        return {"error": "address_taken"}, 409


def enter(email: str, name: str, key: str) -> dict[str, object]:
    """The member of this address, new or of an earlier try. Raises TakenError."""
    with Session(engine) as session:
        member = session.scalars(select(Member).where(Member.email == email)).one_or_none()
        if member and member.sign_up_key != key:
            raise TakenError
        if not member:
            member = Member(email=email, name=name, sign_up_key=key)
            session.add(member)
            session.flush()
        entered = {"id": member.id, "email": member.email, "name": member.name}
        session.commit()
    return entered


def is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()
