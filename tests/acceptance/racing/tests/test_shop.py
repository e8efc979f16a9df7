"""Buying the last mug, in the way that the environment's WAY says."""

from uuid import uuid4

import pytest


@pytest.mark.workflow("buy the last mug", idempotency_key="header:Idempotency-Key")
def test_buy(service, seams):
    response = service.post("/orders", json={"sku": "mug"}, headers={"Idempotency-Key": str(uuid4())})

    assert response.status_code == 201
    assert seams.db.row("stock", sku="mug")["left_over"] == 0


@pytest.mark.workflow("buy tea", idempotency_key="header:Idempotency-Key", races_with="deliver tea")
def test_buy_tea(service):
    response = service.post("/orders", json={"sku": "tea"}, headers={"Idempotency-Key": str(uuid4())})

    assert response.status_code == 201


@pytest.mark.workflow("deliver tea", races=False)
def test_deliver(service):
    assert service.post("/stock", json={"sku": "tea", "more": 5}).status_code == 201
