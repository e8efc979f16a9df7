"""The happy path of an order."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("order a cart", idempotency_key="header:Idempotency-Key")
def test_order_a_cart(service, seams):
    response = service.post(
        "/orders", json={"skus": ["plate", "mug"]}, headers={"Idempotency-Key": str(uuid4())}
    )

    assert response.status_code == 201
    assert seams.db.row("orders", id=response.json()["id"]) is not None
    assert seams.db.row("stock", sku="mug")["left_over"] == 99
