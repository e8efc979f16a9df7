"""The happy path of an order."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("place an order", risk="critical", idempotency_key="header:Idempotency-Key")
def test_place_order(service, seams):
    order = {"email": "ann@example.org", "item": "kettle"}

    response = service.post("/orders", json=order, headers={"Idempotency-Key": str(uuid4())})

    assert response.status_code == 201
    assert seams.db.row("orders", id=response.json()["id"])["item"] == "kettle"
    assert seams.mail.effects("mail") == 1
