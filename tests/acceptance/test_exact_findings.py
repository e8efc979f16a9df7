"""What exploring the examples finds: all of it, nothing else, and the same on every machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from .exploring import copy, explore, found

CHARGE = "POST /v1/charges"
THE_TWO = {
    ("RS102", "payments", CHARGE, "hang"),
    ("RS102", "payments", CHARGE, "late_reply"),
    ("RS102", "payments", CHARGE, "unreachable"),
    ("RS205", "db", "COMMIT", "reply_lost"),
    ("RS205", "db", "COMMIT", "repeated_request"),
    ("RS205", "db", "COMMIT", "client_gone"),
    ("RS205", "db", "COMMIT", "killed"),
}
BY_CHANCE = {("RS205", "db", "COMMIT", fault) for fault in ("terminated", "paused")}
"""Only a server that does not finish what it has begun before it ends makes its caller repeat the order, and
only one that is caught before it has answered."""
NOT_WAITING = ("reply_lost", "connection_lost", "sqlstate", "killed", "slow")


@pytest.mark.parametrize("example", ["orders", "orders_flask", "orders_django"])
def test_a_plain_example_waits_without_bound_and_doubles_an_order(example: str, tmp_path: Path) -> None:
    report = explore(copy(example, tmp_path))

    assert found(report) - BY_CHANCE == THE_TWO
    assert len(report["workflows"][0]["findings"]) == 2
    assert report["workflows"][0]["verdicts"]["unknown"] == 0
    assert "1 charge made, INSERT orders failed" in " ".join(report["said"].split())


def test_two_checkouts_find_the_same_under_the_same_ids_reduced_or_not(tmp_path: Path) -> None:
    asked = ["--seam", "db", *(word for fault in NOT_WAITING for word in ("--fault", fault))]
    one = explore(copy("orders", tmp_path / "one"), *asked, seed="1")
    other = explore(copy("orders", tmp_path / "other"), *asked, "--no-reduce", seed="2")

    told = [{(f["code"], f["replay"]) for f in r["workflows"][0]["findings"]} for r in (one, other)]
    assert told[0] == told[1]
    assert found(one) == found(other)
    assert one["workflows"][0]["experiments"] < other["workflows"][0]["experiments"]


def test_the_hardened_example_holds_and_says_what_was_not_exercised(tmp_path: Path) -> None:
    report = explore(copy("orders_hardened", tmp_path), expected=0)

    (workflow,) = report["workflows"]
    assert workflow["findings"] == []
    assert workflow["verdicts"]["torn"] == workflow["verdicts"]["unknown"] == 0
    assert workflow["verdicts"]["held"] > 35
    assert all(missing["reason"] for missing in workflow["not_exercised"])
