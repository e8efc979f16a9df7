"""Buying the last mug, in every way the shop knows. One request at a time all of them are right."""

from uuid import uuid4

import pytest

LAST = [
    "check_then_act",
    "conditional",
    "for_update",
    "for_share",
    "advisory",
    "version",
    "version_ignored",
    "serial",
    "serial_retried",
    "redis_lock",
    "locked_inside",
]
OTHERS = ["looked_up", "unique", "unique_handled", "seat_lost"]
KEY = "header:Idempotency-Key"


@pytest.fixture
def sku(seams):
    row = seams.db.insert("stock", sku=f"mug-{uuid4()}", left_over=1)
    return row["sku"]


def buying(ways):
    return [
        pytest.param(way, marks=pytest.mark.workflow(f"buy: {way}", idempotency_key=KEY), id=way)
        for way in ways
    ]


def buy(service, sku, way):
    return service.post("/orders", json={"sku": sku}, headers={"Way": way, "Idempotency-Key": str(uuid4())})


@pytest.mark.parametrize("way", buying(LAST))
def test_the_last_one(service, seams, sku, way):
    assert buy(service, sku, way).status_code == 201
    assert seams.db.row("stock", sku=sku)["left_over"] == 0


@pytest.mark.parametrize("way", buying(OTHERS))
def test_anything(service, way):
    assert buy(service, f"seat-{uuid4()}", way).status_code == 201


@pytest.mark.workflow("buy one of ten", idempotency_key=KEY, races_with="deliver")
def test_one_of_ten(service, seams):
    seams.db.insert("stock", sku="tea", left_over=10)
    assert buy(service, "tea", "conditional").status_code == 201


@pytest.mark.workflow("deliver")
def test_deliver(service, seams):
    seams.db.insert("stock", sku="tea", left_over=10)
    assert service.post("/stock", json={"sku": "tea", "more": 5}).status_code == 201


@pytest.mark.workflow("buy: computed", idempotency_key=KEY)
def test_computed(service, seams):
    seams.db.insert("stock", sku="tea", left_over=10)
    assert buy(service, "tea", "computed").status_code == 201
