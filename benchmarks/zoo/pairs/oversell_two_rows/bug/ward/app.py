"""`PUT /doctors/NAME`: goes on or off call, as long as another doctor stays."""

import logging
import os

import psycopg
from flask import Flask, request
from flask.typing import ResponseReturnValue
from psycopg_pool import ConnectionPool

pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    kwargs={"options": "-c statement_timeout=500 -c transaction_timeout=700"},
    check=ConnectionPool.check_connection,
    min_size=2,
    max_size=8,
    timeout=0.5,
    open=True,
)

app = Flask(__name__)
log = logging.getLogger(__name__)


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"status": "ok"}


@app.errorhandler(psycopg.Error)
def unavailable(error: psycopg.Error) -> ResponseReturnValue:
    log.error("the database failed", exc_info=error)
    return {"error": "database_unavailable", "retryable": True}, 503


@app.put("/doctors/<name>")
def change(name: str) -> ResponseReturnValue:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("onCall"), bool):
        return {"error": "onCall required"}, 400
    on_call = body["onCall"]
    with pool.connection() as db:
        doctors = dict(db.execute("SELECT name, on_call FROM doctors").fetchall())
        if name not in doctors:
            return {"error": "no_such_doctor"}, 404
        others = [other for other, there in doctors.items() if there and other != name]
        if not on_call and not others:
            return {"error": "nobody_else_on_call"}, 409
        db.execute("UPDATE doctors SET on_call = %s WHERE name = %s", (on_call, name))
    return {"name": name, "onCall": on_call}
