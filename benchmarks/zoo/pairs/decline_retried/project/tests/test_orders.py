"""The happy path of an order."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("buy a kettle", risk="critical", idempotency_key="header:Idempotency-Key")
def test_buy(service, seams):
    order = {"item": "kettle", "card": "tok_visa"}

    response = service.post("/orders", json=order, headers={"Idempotency-Key": str(uuid4())})

    assert response.status_code == 201
    assert seams.db.row("orders", id=response.json()["id"])["item"] == "kettle"
    assert seams.payments.effects("charge") == 1
