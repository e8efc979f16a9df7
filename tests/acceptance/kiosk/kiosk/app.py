"""Two kiosks with the same routes: `/sound` looks before it acts, `/slack` does not."""

import os
from typing import Annotated, Any

import httpx
import psycopg
from fastapi import Body, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from psycopg.rows import dict_row
from pydantic import BaseModel, Field

TILL_URL = os.environ["TILL_URL"]
INSERT = """
INSERT INTO orders (user_id, sku, quantity, tip, note, table_name)
VALUES (%(user_id)s, %(sku)s, %(quantity)s, %(tip)s, %(note)s, %(table)s) RETURNING id
"""
app = FastAPI()
Anyone = Annotated[str | None, Header(alias="Authorization")]


class Order(BaseModel):
    sku: Annotated[str, Field(min_length=1)]
    quantity: Annotated[int, Field(strict=True, gt=0, lt=1_000)] = 1
    tip: Annotated[int, Field(strict=True, ge=0, lt=10_000)] | None = None
    note: Annotated[str, Field(max_length=20)] | None = None
    table: str | None = None


def run(statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def charge(quantity: object) -> None:
    httpx.post(f"{TILL_URL}/charges", json={"quantity": quantity}, timeout=1).raise_for_status()


def user_of(token: str | None) -> int:
    found = run("SELECT id FROM users WHERE token = %(token)s", {"token": token or ""})
    if not found:
        raise HTTPException(401, "who asks?")
    return found[0]["id"]


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/sound/orders", status_code=201)
def sound_order(order: Order, token: Anyone = None) -> dict[str, Any]:
    user = user_of(token)
    if not run("SELECT 1 FROM products WHERE sku = %(sku)s", {"sku": order.sku}):
        raise HTTPException(422, "no such product")
    try:
        with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row) as connection:
            made = connection.execute(INSERT, {"user_id": user, **order.model_dump()}).fetchone()
            charge(order.quantity)
    except psycopg.errors.UniqueViolation as error:
        raise HTTPException(409, "that table has ordered") from error
    assert made is not None
    return {"id": made["id"]}


@app.get("/sound/orders/{number}")
def sound_read(number: int, token: Anyone = None) -> dict[str, Any]:
    mine = {"id": number, "user": user_of(token)}
    found = run("SELECT sku, quantity FROM orders WHERE id = %(id)s AND user_id = %(user)s", mine)
    if not found:
        raise HTTPException(404, "no such order")
    return found[0]


@app.delete("/sound/orders/{number}")
def sound_cancel(number: int, token: Anyone = None) -> dict[str, Any]:
    mine = {"id": number, "user": user_of(token)}
    if not run("DELETE FROM orders WHERE id = %(id)s AND user_id = %(user)s RETURNING id", mine):
        raise HTTPException(404, "no such order")
    return {"cancelled": True}


@app.get("/sound/menu")
def menu() -> list[dict[str, Any]]:
    return run("SELECT sku FROM products ORDER BY sku", {})


@app.post("/slack/quiet", status_code=201)
def slack_quiet(order: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """Accepts what the database refuses, and says nothing of it."""
    try:
        made = run(INSERT, {"user_id": 1, "tip": None, "note": None, "table": None, **order})
    except psycopg.Error:
        made = [{"id": 0}]
    return {"id": made[0]["id"]}


@app.post("/slack/late", status_code=201)
def slack_late(order: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """Charges before it looks."""
    charge(order.get("quantity"))
    try:
        kept = Order.model_validate(order)
    except ValueError as error:
        raise HTTPException(422, "not an order") from error
    try:
        return run(INSERT, {"user_id": 1, **kept.model_dump()})[0]
    except psycopg.errors.IntegrityError as error:
        raise HTTPException(409, "not possible") from error


@app.post("/slack/bent", status_code=201)
def slack_bent(order: Annotated[dict[str, Any], Body()]) -> Any:
    """Bends a tip that is no number into zero, and a note that is missing into a word."""
    tip = order["tip"] if isinstance(order.get("tip"), int) else 0
    try:
        values = {"user_id": 1, "note": None, "table": None, **order, "tip": tip}
        return run(INSERT, {**values, "sku": "tea-7", "quantity": 1})[0]
    except psycopg.Error:
        return JSONResponse({"error": "not possible"}, 422)


@app.post("/slack/raw", status_code=201)
async def slack_raw(request: Request) -> dict[str, Any]:
    """Looks at nothing: what is missing is a bare 500."""
    order = await request.json()
    row = {"user_id": 1, "sku": order["sku"], "quantity": order["quantity"]}
    return run(INSERT, {**row, "tip": None, "note": None, "table": None})[0]


@app.post("/slack/orders", status_code=201)
def slack_order(order: Order) -> dict[str, Any]:
    """Asks nobody who they are."""
    return run(INSERT, {"user_id": 1, **order.model_dump()})[0]


@app.get("/slack/orders/{number}")
def slack_read(number: int, token: Anyone = None) -> dict[str, Any]:
    """Asks who, and not whose."""
    user_of(token)
    found = run("SELECT sku, quantity FROM orders WHERE id = %(id)s", {"id": number})
    if not found:
        raise HTTPException(404, "no such order")
    return found[0]


@app.post("/slack/orders/{number}/cancel")
def slack_cancel(number: int, token: Anyone = None) -> dict[str, Any]:
    """Cancels anybody's, and what is not there as well."""
    user_of(token)
    run("DELETE FROM orders WHERE id = %(id)s", {"id": number})
    return {"cancelled": True}
