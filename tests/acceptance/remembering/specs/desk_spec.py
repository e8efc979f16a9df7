"""A payment is one charge."""

import pytest


@pytest.mark.workflow("pay", idempotency_key="body:key")
def test_pay(service, seams):
    paid = service.post("/payments", json={"key": "k-1"})

    assert paid.status_code == 201
    assert seams.till.effects("charge") == 1
