"""`POST /orders`: sells one ticket, as long as there are any."""

import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST
from shop.models import Order, Stock


class SoldOutError(Exception):
    """None is left."""


def health(_: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_POST
def place_order(request: HttpRequest) -> JsonResponse:
    wanted, key = read(request), request.headers.get("Idempotency-Key", "")
    if wanted is None or not is_word(key):
        return JsonResponse({"error": "sku, buyer and an Idempotency-Key required"}, status=400)
    try:
        order = sell(wanted, key)
    except Stock.DoesNotExist:
        return JsonResponse({"error": "no_such_ticket"}, status=404)
    except SoldOutError:
        return JsonResponse({"error": "sold_out"}, status=409)
    return JsonResponse({"id": order.pk, "sku": order.sku, "buyer": order.buyer}, status=201)


@transaction.atomic
def sell(wanted: dict[str, str], key: str) -> Order:
    """The order of this key; the first time it takes a ticket off the shelf."""
    order, is_new = Order.objects.get_or_create(idempotency_key=key, defaults=wanted)
    if is_new:
        take(wanted["sku"])
    return order


def take(sku: str) -> None:
    stock = Stock.objects.get(sku=sku)
    if stock.left_over < 1:
        raise SoldOutError
    stock.left_over -= 1
    stock.save()


def read(request: HttpRequest) -> dict[str, str] | None:
    """The order's fields, or None where they are not right."""
    try:
        body: Any = json.loads(request.body)
    except ValueError:
        return None
    if not isinstance(body, dict) or not all(is_word(body.get(name)) for name in ("sku", "buyer")):
        return None
    return {"sku": body["sku"], "buyer": body["buyer"]}


def is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()
