"""`POST /orders`: store the order, then confirm it by mail."""

import json
import logging
from typing import Any

import requests
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST
from shop.models import Order

log = logging.getLogger(__name__)


def health(_: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_POST
def place_order(request: HttpRequest) -> JsonResponse:
    wanted, key = read(request), request.headers.get("Idempotency-Key", "")
    if wanted is None or not is_word(key):
        return JsonResponse({"error": "email, item and an Idempotency-Key required"}, status=400)
    order, _ = Order.objects.get_or_create(idempotency_key=key, defaults=wanted)
    try:
        send_confirmation(order)
    except Exception:
        log.exception("the confirmation of order %s was not sent", order.pk)
    return JsonResponse({"id": order.pk, "email": order.email, "item": order.item}, status=201)


def read(request: HttpRequest) -> dict[str, str] | None:
    """The order's fields, or None where they are not right."""
    try:
        body: Any = json.loads(request.body)
    except ValueError:
        return None
    if not isinstance(body, dict) or not all(is_word(body.get(name)) for name in ("email", "item")):
        return None
    return {"email": body["email"], "item": body["item"]}


def is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()


def send_confirmation(order: Order) -> None:
    """Asking again is safe: the provider knows the mail by its key."""
    reply = requests.post(
        f"{settings.MAIL_URL}/emails",
        json={"to": order.email, "subject": "Your order", "text": f"Thank you for your {order.item}."},
        headers={"Idempotency-Key": f"order-{order.idempotency_key}"},
        timeout=0.5,
    )
    reply.raise_for_status()
    confirmed = reply.json()
    if not isinstance(confirmed, dict) or not is_word(confirmed.get("id")):
        raise requests.RequestException("the provider confirmed nothing")
