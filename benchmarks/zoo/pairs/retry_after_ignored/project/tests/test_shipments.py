"""The happy path of a shipment."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("ship an order", risk="high", idempotency_key="body:orderNo")
def test_ship(service, seams):
    shipment = {"orderNo": str(uuid4()), "address": "1 Mill Lane, Bath"}

    response = service.post("/shipments", json=shipment)

    assert response.status_code == 201
    assert seams.db.row("shipments", id=response.json()["id"])["tracking"] == response.json()["tracking"]
    assert seams.carrier.effects("label") == 1
