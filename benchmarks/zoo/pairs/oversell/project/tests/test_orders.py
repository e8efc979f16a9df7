"""The happy path of a ticket."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("buy a ticket", risk="critical", idempotency_key="header:Idempotency-Key")
def test_buy(service, seams):
    wanted = {"sku": "opera", "buyer": "ann"}

    response = service.post("/orders", json=wanted, headers={"Idempotency-Key": str(uuid4())})

    assert response.status_code == 201
    assert seams.db.row("orders", id=response.json()["id"])["buyer"] == "ann"
    assert seams.db.row("stock", sku="opera")["left_over"] == 0
