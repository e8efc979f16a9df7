"""The happy path of a note."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("write a note", idempotency_key="body:key")
def test_write(service, seams):
    note = {"customer": "c-17", "text": "called, will call again", "key": str(uuid4())}

    response = service.post("/notes", json=note)

    assert response.status_code == 201
    assert seams.db.row("notes", id=response.json()["id"])["customer"] == "c-17"
