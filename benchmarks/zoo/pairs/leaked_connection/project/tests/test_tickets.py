"""The happy path of a ticket."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("open a ticket", idempotency_key="body:key")
def test_open(service, seams):
    made = service.post("/tickets", json={"key": str(uuid4()), "body": "It does not turn on."})

    assert made.status_code == 201
    assert seams.db.row("tickets", id=made.json()["id"])["body"] == "It does not turn on."
