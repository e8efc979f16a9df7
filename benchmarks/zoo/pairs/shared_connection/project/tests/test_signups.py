"""The happy path of a sign-up."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("sign up", idempotency_key="body:key")
def test_sign_up(service, seams):
    made = service.post("/signups", json={"key": str(uuid4()), "email": "ada@example.org"})

    assert made.status_code == 201
    assert seams.db.row("signups", id=made.json()["id"])["email"] == "ada@example.org"
