"""The happy path of an order: the one test this service had."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("place an order", risk="critical", idempotency_key="body:idempotencyKey")
def test_place_order(service, seams):
    order = {"userId": "u-1", "amountCents": 4200, "idempotencyKey": str(uuid4())}

    response = service.post("/orders", json=order)

    assert response.status_code == 201
    assert seams.db.row("orders", id=response.json()["id"])["status"] == "paid"
    assert seams.payments.effects("charge") == 1
