"""The happy path of a top-up."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("top up an account", idempotency_key="header:Idempotency-Key")
def test_top_up(service, seams):
    response = service.post(
        "/topups",
        json={"account": "acc-7", "cents": 2500},
        headers={"Idempotency-Key": str(uuid4())},
    )

    assert response.status_code == 201
    assert seams.db.row("topups", id=response.json()["id"])["cents"] == 2500
    assert seams.payments.effects("charge") == 1
