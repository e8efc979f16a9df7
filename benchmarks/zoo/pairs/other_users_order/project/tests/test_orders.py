"""The happy path: Ada places an order and looks at it."""

from uuid import uuid4

import pytest


@pytest.mark.workflow(
    "place an order and look at it",
    risk="high",
    idempotency_key="header:Idempotency-Key",
    credentials="header:Authorization",
    other="eve",
)
def test_place_and_look(service, ada):
    order = {"sku": "mug-blue", "quantity": 2}

    placed = service.post("/orders", json=order, headers={**ada, "Idempotency-Key": str(uuid4())})
    looked_at = service.get(f"/orders/{placed.json()['id']}", headers=ada)

    assert placed.status_code == 201
    assert looked_at.status_code == 200
    assert looked_at.json() == {"id": placed.json()["id"], **order}
