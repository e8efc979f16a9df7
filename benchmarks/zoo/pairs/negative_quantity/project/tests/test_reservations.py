"""The happy path of a reservation."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("reserve", idempotency_key="header:Idempotency-Key")
def test_reserve(service, seams):
    wanted = {"sku": "mug-blue", "quantity": 3}

    response = service.post("/reservations", json=wanted, headers={"Idempotency-Key": str(uuid4())})

    assert response.status_code == 201
    assert seams.db.row("reservations", id=response.json()["id"])["quantity"] == 3
