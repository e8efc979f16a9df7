"""The happy path of a note."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("take a note", idempotency_key="header:Idempotency-Key")
def test_take_a_note(service, seams):
    headers = {"Idempotency-Key": str(uuid4())}

    response = service.post("/notes", json={"text": "buy milk"}, headers=headers)

    assert response.status_code == 201
    assert seams.db.row("notes", id=response.json()["id"])["text"] == "buy milk"
