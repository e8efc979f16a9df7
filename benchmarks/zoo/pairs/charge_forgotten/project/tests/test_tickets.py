"""The happy path of a ticket."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("buy a ticket", idempotency_key="header:Idempotency-Key")
def test_buy_a_ticket(service, seams):
    response = service.post(
        "/tickets", json={"event": "opera", "cents": 8900}, headers={"Idempotency-Key": str(uuid4())}
    )

    assert response.status_code == 201
    assert seams.db.row("tickets", id=response.json()["id"])["event"] == "opera"
    assert seams.payments.effects("charge") == 1
