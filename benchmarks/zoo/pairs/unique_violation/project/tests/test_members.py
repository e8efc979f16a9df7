"""The happy path of a sign-up."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("sign up", risk="high", idempotency_key="header:Idempotency-Key")
def test_sign_up(service, seams):
    member = {"email": "ann@example.org", "name": "Ann"}

    response = service.post("/members", json=member, headers={"Idempotency-Key": str(uuid4())})

    assert response.status_code == 201
    assert seams.db.row("members", id=response.json()["id"])["name"] == "Ann"
