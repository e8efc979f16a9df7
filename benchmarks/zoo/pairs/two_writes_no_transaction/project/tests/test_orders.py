"""The happy path of an order with two lines."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("place an order", risk="high", idempotency_key="body:orderNo")
def test_place_order(service, seams):
    number = str(uuid4())
    lines = [{"sku": "mug-blue", "quantity": 2}, {"sku": "tea-green", "quantity": 1}]

    response = service.post("/orders", json={"orderNo": number, "lines": lines})

    assert response.status_code == 201
    assert seams.db.row("orders", order_no=number)
    assert len(seams.db.rows("order_lines", order_no=number)) == 2
