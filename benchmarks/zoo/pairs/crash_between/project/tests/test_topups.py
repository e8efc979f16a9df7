"""The happy path of a top-up."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("top up", idempotency_key="body:key")
def test_top_up(service, seams):
    made = service.post("/topups", json={"key": str(uuid4()), "cents": 4200})

    assert made.status_code == 201
    assert seams.db.row("topups", id=made.json()["id"])["cents"] == 4200
    assert seams.payments.effects("charge") == 1
