"""The happy path of a new member."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("join", idempotency_key="body:key")
def test_join(service, seams):
    made = service.post("/members", json={"key": str(uuid4()), "phone": "+4930123456"})

    assert made.status_code == 201
    assert seams.db.row("members", id=made.json()["id"])["phone"] == "+4930123456"
    assert seams.texts.eventually(lambda: seams.texts.effects("text") == 1, within_s=2)
    assert seams.db.eventually(lambda: seams.db.rows("jobs") == [], within_s=2)
