"""Tests of a service with three databases; run by ``test_several_databases.py`` in a copy of the folder."""

import pytest

from ripstop import faults


@pytest.fixture(scope="module")
def earlier(service):
    service.post("/orders", json={"item": "earlier"})


@pytest.mark.workflow("sell")
def test_every_database_shows_its_own_changes(service, seams):
    assert service.post("/orders", json={"item": "tea"}).status_code == 201

    assert [(c.kind, c.table) for c in seams.head.changes] == [("insert", "orders")]
    assert [(c.kind, c.table) for c in seams.sales.changes] == [("insert", "sales")]
    assert [(c.kind, c.table) for c in seams.branch.changes] == [("insert", "orders")]


def test_every_database_goes_back_to_the_module_s_rows(seams, earlier):
    for rows in (seams.head.rows("orders"), seams.sales.rows("sales"), seams.branch.rows("orders")):
        assert [row["item"] for row in rows] == ["earlier"]


@pytest.mark.parametrize(
    ("name", "at", "stored"),
    [("head", "INSERT orders", 0), ("sales", "INSERT sales", 1), ("branch", "INSERT orders", 2)],
)
def test_every_database_can_be_broken_alone(service, seams, name, at, stored):
    with getattr(seams, name).inject(faults.connection_lost(), at=at):
        assert service.post("/orders", json={"item": "tea"}).status_code == 503

    counts = [len(one.changes) for one in (seams.head, seams.sales, seams.branch)]
    assert counts == [1] * stored + [0] * (3 - stored)


@pytest.mark.parametrize("place", ["HEAD/orders", "SALES/sales", "BRANCH/orders"])
def test_what_undo_cannot_take_back_in_one_database_is_taken_back_in_all(service, seams, place):
    service.post("/orders", json={"item": "tea"})

    assert service.delete(f"/{place}").status_code == 200


def test_the_next_test_finds_the_module_s_rows_alone(seams):
    for rows in (seams.head.rows("orders"), seams.sales.rows("sales"), seams.branch.rows("orders")):
        assert [row["item"] for row in rows] == ["earlier"]
