"""The happy path of an order."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("place an order", risk="high", idempotency_key="header:Idempotency-Key")
def test_place_order(service, seams):
    order = {"buyer": "ann", "item": "kettle", "pieces": 2}

    response = service.post("/orders", json=order, headers={"Idempotency-Key": str(uuid4())})

    assert response.status_code == 201
    assert seams.db.row("orders", id=response.json()["id"])["pieces"] == 2
