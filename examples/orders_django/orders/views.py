"""`POST /orders`: charge the card, then store the order as paid."""

import json
from typing import Any

import requests
from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from orders.models import Order

MOST_CENTS = 100_000_000


def health(_: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_POST
def place_order(request: HttpRequest) -> JsonResponse:
    payload: dict[str, Any] = json.loads(request.body)
    user_id, amount_cents = payload.get("userId"), payload.get("amountCents")
    if not user_id or not is_amount(amount_cents):
        return JsonResponse({"error": "userId and amountCents required"}, status=400)
    key = payload.get("idempotencyKey")

    try:
        charge(user_id, amount_cents, key)
    except requests.RequestException:
        return JsonResponse({"error": "payment_failed"}, status=402)

    order = Order(user_id=user_id, amount_cents=amount_cents, idempotency_key=key, status="paid")
    try:
        with transaction.atomic():
            order.save()
    except (DatabaseError, InterfaceError):
        return JsonResponse({"error": "order_persist_failed", "retryable": True}, status=503)
    return JsonResponse(as_json(order), status=201)


def is_amount(value: object) -> bool:
    return type(value) is int and 0 < value <= MOST_CENTS


def charge(user_id: str, amount_cents: int, key: str | None) -> None:
    reply = requests.post(
        f"{settings.PAYMENTS_URL}/v1/charges",
        json={"userId": user_id, "amountCents": amount_cents},
        headers={"Idempotency-Key": key},
    )
    reply.raise_for_status()


def as_json(order: Order) -> dict[str, Any]:
    return {
        "id": order.pk,
        "userId": order.user_id,
        "amountCents": order.amount_cents,
        "status": order.status,
    }
