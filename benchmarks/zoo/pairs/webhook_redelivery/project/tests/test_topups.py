"""The happy path of a top-up: asked for, paid, booked."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("top up a wallet", risk="critical", idempotency_key="header:Idempotency-Key")
def test_top_up(service, seams):
    topup = {"accountId": "acc-7", "amountCents": 2500}

    response = service.post("/topups", json=topup, headers={"Idempotency-Key": str(uuid4())})
    seams.payments.settle()

    assert response.status_code == 202
    assert seams.db.row("credits", charge_id=response.json()["chargeId"])["amount_cents"] == 2500
    assert seams.payments.effects("charge") == 1
