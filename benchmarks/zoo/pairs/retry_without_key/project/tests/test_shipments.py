"""The happy path of a shipment."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("ship a parcel", idempotency_key="body:order")
def test_ship_a_parcel(service, seams):
    response = service.post("/shipments", json={"order": str(uuid4()), "address": "1 Long Lane"})

    assert response.status_code == 201
    assert seams.db.row("shipments", id=response.json()["id"])["address"] == "1 Long Lane"
    assert seams.carrier.effects("label") == 1
