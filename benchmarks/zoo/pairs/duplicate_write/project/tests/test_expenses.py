"""The happy path of an expense."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("file an expense", idempotency_key="header:Idempotency-Key")
def test_file_an_expense(service, seams):
    response = service.post(
        "/expenses", json={"employee": "e-12", "cents": 1850}, headers={"Idempotency-Key": str(uuid4())}
    )

    assert response.status_code == 201
    assert seams.db.row("expenses", id=response.json()["id"])["cents"] == 1850
