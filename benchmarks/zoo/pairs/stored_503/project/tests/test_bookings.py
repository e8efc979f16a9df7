"""The happy path of a booking."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("book a room", idempotency_key="header:Idempotency-Key")
def test_book_a_room(service, seams):
    response = service.post(
        "/bookings", json={"room": "north-2", "cents": 7400}, headers={"Idempotency-Key": str(uuid4())}
    )

    assert response.status_code == 201
    assert seams.db.row("bookings", id=response.json()["id"])["room"] == "north-2"
    assert seams.payments.effects("charge") == 1
