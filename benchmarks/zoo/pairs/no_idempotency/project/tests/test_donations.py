"""The happy path of a donation."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("donate", risk="critical", idempotency_key="body:key")
def test_donate(service, seams):
    donation = {"donor": "Ada", "amountCents": 5000, "key": str(uuid4())}

    response = service.post("/donations", json=donation)

    assert response.status_code == 201
    assert seams.db.row("entries", donation_id=response.json()["id"])["amount_cents"] == 5000
