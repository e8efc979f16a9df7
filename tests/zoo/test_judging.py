"""Judging a pair: found by the right code at the right place, clean where nothing is to be found."""

from __future__ import annotations

import pytest
from benchmarks.zoo.judging import score
from benchmarks.zoo.running import First

from .made_up import CHARGE, judged, pair, run, told

DEAD_NETWORK = told("RS102", "COMMIT", "stall", advice=True)


def test_the_right_code_at_the_right_crossing_is_found() -> None:
    one = judged(run(told("RS102"), told("RS206")))

    assert one.found
    assert one.others == ("RS206",)
    assert one.false_alarms == ()


def test_the_right_code_elsewhere_is_not_found_and_told_where() -> None:
    one = judged(run(told("RS102", "COMMIT")))

    assert not one.found
    assert one.elsewhere == ("POST /orders > COMMIT",)


@pytest.mark.parametrize(("at", "found"), [("POST /orders", True), ("POST /refunds", False), ("", True)])
def test_a_finding_names_its_operation_as_the_callers_request_too(at: str, found: bool) -> None:
    assert judged(run(told()), of=pair(at=at)).found is found


def test_what_the_twin_has_at_the_same_place_is_not_the_planted_bug() -> None:
    one = judged(run(told("RS102")), run(told("RS102")))

    assert not one.found
    assert one.false_alarms == ("RS102",)


def test_any_of_several_codes_is_the_bug() -> None:
    one = judged(run(told("RS301")), of=pair(codes=("RS102", "RS301")))

    assert one.found
    assert one.others == ()


def test_every_finding_on_the_twin_is_a_false_alarm_and_advice_too() -> None:
    twin = run(told("RS206"), told("RS304", advice=True), told("RS206", "COMMIT"))

    assert judged(run(told()), twin).false_alarms == ("RS206", "RS206", "RS304")


def test_only_the_advice_on_a_dead_network_is_no_false_alarm() -> None:
    assert judged(run(told()), run(DEAD_NETWORK)).false_alarms == ()
    assert judged(run(told()), run(told("RS102", "COMMIT", "hang", advice=True))).false_alarms == ("RS102",)


def test_the_advice_on_a_dead_network_is_not_the_bug_either() -> None:
    assert judged(run(DEAD_NETWORK), of=pair(at="")).found is False


def test_an_advice_is_the_bug_only_by_a_rule_that_gives_no_more() -> None:
    assert not judged(run(told("RS102", advice=True))).found
    assert judged(run(told("RS304", advice=True)), of=pair(codes=("RS304",))).found


def test_a_side_that_was_not_explored_is_neither_found_nor_clean() -> None:
    one = judged(run(told(), problem="exit code 3"), run(problem="exit code 4"))

    assert not one.found
    assert one.first is None
    assert one.false_alarms == ("-",)


def test_the_first_right_finding_is_the_earliest_with_code_and_place() -> None:
    firsts = (
        First(told("RS206"), 1, 2.0),
        First(told("RS102", "COMMIT"), 2, 2.1),
        First(told("RS102", CHARGE, "stall", advice=True), 3, 2.2),
        First(told("RS102"), 5, 2.6),
    )

    first = judged(run(told(), firsts=firsts)).first

    assert first is not None
    assert (first.experiments, first.seconds) == (5, 2.6)


def test_the_score_sums_up_and_is_told_in_one_line() -> None:
    good, bad = judged(run(told())), judged(run(), run(told("RS206"), told("RS204")))

    assert str(score([good, bad])) == "zoo found 1/2 false 2 first_p50 7 experiments"
    assert not score([good, bad]).perfect
    assert score([good]).perfect


def test_where_nothing_was_found_there_is_no_first_finding_to_speak_of() -> None:
    assert str(score([judged(run())])) == "zoo found 0/1 false 0 first_p50 - experiments"
