"""Charging a card at the provider, once for each idempotency key, within a deadline.

An outage is never called a declined card: only the provider's own 402 is one.
"""

import asyncio
import os
from typing import Literal

import httpx
from pydantic import BaseModel, ValidationError

from orders.errors import OrderError

PROVIDER_TIMEOUT_S: float | None = 1.5


class Charge(BaseModel):
    id: str
    status: Literal["succeeded"]


def new_client() -> httpx.AsyncClient:
    """One for the whole app. It has no timeouts of its own: the deadline below covers every wait."""
    return httpx.AsyncClient(base_url=os.environ["PAYMENTS_URL"], timeout=None)


async def charge(client: httpx.AsyncClient, user_id: str, amount_cents: int, key: str) -> str:
    """The charge's id. Asking again with the same key gives the first charge."""
    reply = await post(client, {"userId": user_id, "amountCents": amount_cents}, key)
    if reply.status_code == 402:
        raise OrderError(402, "payment_failed", retryable=False)
    if reply.status_code == 429:
        raise OrderError(503, "payment_busy", retry_after=reply.headers.get("Retry-After"))
    if not reply.is_success:
        raise OrderError(502, "payment_unavailable")
    try:
        confirmed = Charge.model_validate_json(reply.content)
    except ValidationError as error:
        raise OrderError(502, "payment_unconfirmed") from error
    return confirmed.id


async def post(client: httpx.AsyncClient, body: dict[str, str | int], key: str) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    try:
        async with asyncio.timeout(PROVIDER_TIMEOUT_S):
            return await client.post("/v1/charges", json=body, headers=headers)
    except TimeoutError as error:
        raise OrderError(504, "payment_timeout") from error
    except httpx.HTTPError as error:
        raise OrderError(502, "payment_unreachable") from error
