"""The cost of leaving a failure mode untested: arithmetic that can be done by hand."""

from __future__ import annotations

import pytest

from ripstop.model.survey import Stake
from ripstop.records.cost import PER_MILLION, Assumed, Left, kind_of, left, missing
from ripstop.records.record import Mode

from .made_up import ENTRY, cell, fired, record, suite


def by_fault(*found: Left) -> dict[str, Left]:
    return {one.mode.fault: one for one in found}


def test_the_amount_is_frequency_times_cost_times_rate_shared_among_its_kind_at_the_crossing() -> None:
    found = by_fault(*left(record(), Assumed()))

    assert found["hang"].a_month == pytest.approx(9_000 * 80 * 1_000 / 1_000_000)
    assert found["connection_lost"].a_month == pytest.approx(9_000 * 80 * 20 / 1_000_000 / 2)


def test_amounts_grow_with_the_assumed_rate() -> None:
    twice = Assumed({**PER_MILLION, "provider": 2_000})

    assert by_fault(*left(record(), twice))["hang"].a_month == pytest.approx(1_440)


def test_what_a_test_lets_happen_costs_nothing_but_keeps_its_share_of_the_rate() -> None:
    known = suite("passed", fired("connection_lost", "db", "INSERT orders"))
    found = by_fault(*left(record(known=known), Assumed()))

    assert "connection_lost" not in found
    assert found["sqlstate"].a_month == pytest.approx(9_000 * 80 * 20 / 1_000_000 / 2)


@pytest.mark.parametrize(
    ("stake", "names"),
    [
        (Stake(), ("frequency", "cost_of_failure")),
        (Stake(frequency=1.0, revenue=5.0), ("cost_of_failure",)),
        (Stake(cost_of_failure=1.0), ("frequency",)),
        (Stake(cost_of_failure=0.0, frequency=0.0), ()),
    ],
)
def test_a_number_nobody_said_is_named_and_never_made_up(stake: Stake, names: tuple[str, ...]) -> None:
    amounts = {one.a_month for one in left(record(stake), Assumed())}

    assert missing(stake) == names
    assert (amounts == {None}) == bool(names)


def test_what_tears_today_comes_first_then_the_dearest() -> None:
    found = left(record(), Assumed())
    amounts = [one.a_month or 0.0 for one in found[1:]]

    assert found[0].mode.mark == "torn"
    assert amounts == sorted(amounts, reverse=True)


def test_running_a_test_of_a_wait_takes_the_budget_besides() -> None:
    found = by_fault(*left(record(), Assumed()))

    assert found["hang"].run_minutes == pytest.approx(6 / 60)
    assert found["sqlstate"].run_minutes == pytest.approx(1 / 60)


def test_pairs_of_faults_are_not_priced() -> None:
    pair = cell("db", "COMMIT", "hang", **{"with": ["slow at db: INSERT orders"]})

    assert "hang" not in by_fault(*left(record(cells=[*ENTRY["cells"][:2], pair]), Assumed()))


@pytest.mark.parametrize(
    ("protocol", "fault", "kind"),
    [
        ("http", "stall", "provider"),
        ("smtp", "bounced", "provider"),
        ("redis", "evicted", "server"),
        ("client", "field_null", "caller"),
        ("postgres", "killed", "process"),
    ],
)
def test_a_failure_mode_is_of_one_kind(protocol: str, fault: str, kind: str) -> None:
    assert kind_of(Mode("s", "x", protocol, "o", fault)) == kind
