"""Takes orders: the order and the job to send it are committed together, under the caller's key."""

import os
from typing import Any

import psycopg
from flask import Flask, jsonify, request

app = Flask(__name__)
ORDER = "INSERT INTO orders (key, item) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING RETURNING id"


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/orders")
def take() -> Any:
    order = request.get_json(force=True, silent=True)
    if not isinstance(order, dict) or not all(_word(order.get(name)) for name in ("key", "item")):
        return jsonify(error="an order has a key and an item, of 1 to 40 letters"), 422
    try:
        return jsonify(id=_taken(order["key"], order["item"])), 201
    except psycopg.OperationalError:
        return jsonify(error="try again"), 503
    except psycopg.Error:
        return jsonify(error="not possible now"), 503


def _taken(key: str, item: str) -> int:
    with psycopg.connect(
        os.environ["DATABASE_URL"], connect_timeout=2, options="-c statement_timeout=600"
    ) as db:
        made = db.execute(ORDER, (key, item)).fetchone()
        if made:
            db.execute("INSERT INTO jobs (order_id) VALUES (%s)", made)
        else:
            made = db.execute("SELECT id FROM orders WHERE key = %s", (key,)).fetchone()
        assert made is not None
        return int(made[0])


def _word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 40 and value.isprintable()
