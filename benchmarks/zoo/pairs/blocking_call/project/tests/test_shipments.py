"""The happy path of a shipment."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("ship a parcel", idempotency_key="body:key")
def test_ship(service, seams):
    made = service.post("/shipments", json={"key": str(uuid4()), "postcode": "10115"})

    assert made.status_code == 201
    assert seams.db.row("shipments", id=made.json()["id"])["label"] == made.json()["label"]
    assert seams.carrier.effects("label") == 1
