"""`POST /orders`: charge the card, then store the order as paid. Asking again is always safe."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from orders.errors import OrderError
from orders.payments import charge, new_client
from orders.store import engine, store


class NewOrder(BaseModel):
    userId: Annotated[str, Field(min_length=1, max_length=200)]  # noqa: N815
    amountCents: Annotated[int, Field(strict=True, gt=0, le=100_000_000)]  # noqa: N815
    idempotencyKey: Annotated[str, Field(min_length=1, max_length=200)] | None = None  # noqa: N815


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with new_client() as app.state.client:
        yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/orders")
async def place_order(new: NewOrder, request: Request) -> JSONResponse:
    key = new.idempotencyKey or str(uuid4())
    charge_id = await charge(request.app.state.client, new.userId, new.amountCents, key)
    stored = await store(
        {
            "user_id": new.userId,
            "amount_cents": new.amountCents,
            "status": "paid",
            "charge_id": charge_id,
            "idempotency_key": key,
        }
    )
    body = {
        "id": stored["id"],
        "userId": stored["user_id"],
        "amountCents": stored["amount_cents"],
        "status": stored["status"],
    }
    return JSONResponse(body, 201)


@app.exception_handler(OrderError)
async def tell(_: Request, error: OrderError) -> JSONResponse:
    return JSONResponse(error.body, error.status, error.headers)


@app.exception_handler(RequestValidationError)
async def refuse(_: Request, error: RequestValidationError) -> JSONResponse:
    return JSONResponse({"error": "userId and amountCents required"}, 400)
