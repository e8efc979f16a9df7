"""Which seam a table belongs to, by the crossings of a baseline."""

from __future__ import annotations

from ripstop.backfill.observed import Places
from ripstop.model.trace import Crossing, CrossingId, Kind

from .shop import baseline


def insert(seam: str, table: str) -> Crossing:
    where = CrossingId("POST /orders", seam, f"INSERT {table}")
    return Crossing(where, "postgres", Kind.WRITE, tables=(table,))


def test_a_table_that_two_databases_have_belongs_to_neither() -> None:
    trace = (insert("west", "orders"), insert("east", "orders"), insert("east", "sales"))

    places = Places.of(baseline(trace=trace))

    assert [places.seam(table) for table in ("orders", "sales", "audit")] == [None, "east", None]


def test_in_a_project_with_one_database_every_table_is_its_own() -> None:
    places = Places.of(baseline(trace=(insert("db", "orders"),)))

    assert [places.seam(table) for table in ("orders", "audit")] == ["db", "db"]
