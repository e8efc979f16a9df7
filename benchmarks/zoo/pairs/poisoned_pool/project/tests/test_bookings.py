"""The happy path of a booking."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("book a room", idempotency_key="body:key")
def test_book(service, seams):
    made = service.post("/bookings", json={"key": str(uuid4()), "room": "Turing"})

    assert made.status_code == 201
    assert seams.db.row("bookings", id=made.json()["id"])["room"] == "Turing"
