"""An order becomes a parcel."""

import pytest


@pytest.mark.workflow("send a parcel", idempotency_key="body:key")
def test_parcel(service, seams):
    made = service.post("/orders", json={"key": "k-1", "item": "kettle"})

    assert made.status_code == 201
    assert seams.courier.eventually(lambda: seams.courier.effects("parcel") == 1, within_s=2)
    assert seams.db.eventually(lambda: seams.db.rows("jobs") == [], within_s=2)
    order = made.json()["id"]
    assert seams.db.eventually(lambda: seams.db.row("orders", id=order)["state"] == "sent", within_s=2)
