"""The happy path of a link: given out, then opened."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("open a shared document", idempotency_key="header:Idempotency-Key")
def test_open_a_shared_document(service):
    link = service.post("/links", json={"document": "plan-7"}, headers={"Idempotency-Key": str(uuid4())})
    assert link.status_code == 201

    opened = service.get("/document", headers={"Authorization": f"Bearer {link.json()['token']}"})

    assert opened.status_code == 200
    assert opened.json() == {"document": "plan-7"}
