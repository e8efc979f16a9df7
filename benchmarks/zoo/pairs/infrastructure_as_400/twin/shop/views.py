"""`POST /orders`: checks an order and stores it, once for each idempotency key."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST
from shop.models import Order

FIELDS = {"buyer": str, "item": str, "pieces": int}


def health(_: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_POST
def place_order(request: HttpRequest) -> JsonResponse:
    try:
        order = store(read(request), request.headers.get("Idempotency-Key", ""))
    except ValidationError:
        return JsonResponse({"error": "invalid_order"}, status=400)
    body = {"id": order.pk, "buyer": order.buyer, "item": order.item, "pieces": order.pieces}
    return JsonResponse(body, status=201)


def read(request: HttpRequest) -> dict[str, Any]:
    """The order's fields, each of its type. Raises ValidationError."""
    try:
        body: Any = json.loads(request.body)
    except ValueError as error:
        raise ValidationError("no JSON") from error
    if not isinstance(body, dict) or any(type(body.get(name)) is not kind for name, kind in FIELDS.items()):
        raise ValidationError("fields are missing, or of another type")
    return {name: body[name] for name in FIELDS}


def store(fields: dict[str, Any], key: str) -> Order:
    """The order of this key. Raises ValidationError."""
    Order(**fields, idempotency_key=key).full_clean(validate_unique=False)
    order, _ = Order.objects.get_or_create(idempotency_key=key, defaults=fields)
    return order
