"""The happy path of a payout."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("pay out", idempotency_key="body:key")
def test_pay_out(service, seams):
    asked = service.post("/payouts", json={"key": str(uuid4()), "account": "DE02", "cents": 4200})

    assert asked.status_code == 202
    payout = asked.json()["id"]
    assert seams.db.eventually(lambda: seams.db.row("payouts", id=payout)["state"] == "paid", within_s=2)
    assert seams.bank.effects("transfer") == 1
