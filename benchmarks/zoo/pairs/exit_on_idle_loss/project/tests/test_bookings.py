"""The happy path of a booking."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("book seats", idempotency_key="body:key")
def test_book(service, seams):
    booking = {"email": "ada@example.com", "seats": 2, "key": str(uuid4())}

    response = service.post("/bookings", json=booking)

    assert response.status_code == 201
    assert seams.db.row("bookings", id=response.json()["id"])["seats"] == 2
