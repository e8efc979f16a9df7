"""RS401: a state that no order of the two gives."""

from __future__ import annotations

import pytest

from ripstop.model.state import Change
from ripstop.oracles import registry
from ripstop.oracles.lost_update import check

from .races import LAST_ITEM, NONE_LEFT, ONE, ONE_LEFT, PLENTY, SOLD_OUT, TWO, TWO_LEFT, raced, selling
from .records import BARE, MAPPED, OK, answer, held, insert, record, seen, torn


def test_one_item_sold_twice_is_torn_and_says_what_stands_and_what_both_orders_give() -> None:
    verdict = torn(check(raced(OK, OK, TWO), selling()))

    assert verdict.summary == (
        "two at once (first 201, second 201): what stands in orders, stock is as after no order of the two "
        "(first 201, second 409 or first 409, second 201)"
    )
    assert verdict.evidence["cause"] == "orders, stock"
    assert verdict.evidence["rows"]["insert orders"] == {"expected": 1, "after_call": 2}


@pytest.mark.parametrize(("first", "second"), [(OK, SOLD_OUT), (SOLD_OUT, OK)])
def test_the_outcome_of_either_order_is_held(first, second) -> None:
    held(check(raced(first, second, ONE), selling()))


def test_an_update_lost_where_there_was_plenty_is_torn() -> None:
    lost = seen(ONE_LEFT, insert(id="1"), insert(id="2"))

    assert torn(check(raced(OK, OK, lost, PLENTY), selling())).evidence["cause"] == "stock"


def test_both_done_as_after_one_another_is_held_whatever_their_ids() -> None:
    held(check(raced(OK, OK, seen(TWO_LEFT, insert(id="8"), insert(id="9")), PLENTY), selling()))


@pytest.mark.parametrize("refusal", [MAPPED, SOLD_OUT, BARE])
def test_who_was_refused_counts_as_not_having_run(refusal) -> None:
    alone = seen(ONE_LEFT, insert(id="1"))

    held(check(raced(refusal, OK, alone, PLENTY), selling()))
    held(check(raced(OK, refusal, ONE, PLENTY), selling()))


def test_a_refusal_that_left_something_is_torn() -> None:
    both = seen(TWO_LEFT, insert(id="1"), insert(id="2"))

    assert torn(check(raced(MAPPED, OK, both, PLENTY), selling())).evidence["cause"] == "orders, stock"


def test_both_refused_must_leave_nothing() -> None:
    held(check(raced(MAPPED, MAPPED, seen()), selling()))
    torn(check(raced(MAPPED, MAPPED, seen(NONE_LEFT)), selling()))


def test_two_successes_where_each_order_has_one_are_torn_although_the_rows_are_right() -> None:
    assert torn(check(raced(OK, OK, ONE), selling())).evidence["cause"] == "answers"


def test_a_success_that_tells_what_no_order_tells_is_torn() -> None:
    left = (answer(201, {"id": 1, "left": 8}), answer(201, {"id": 2, "left": 7}))
    orders = tuple(
        r
        if r.order == "instead"
        else type(r)(r.by, r.order, _told(r.first, a), _told(r.rival, b), r.observed)
        for r, (a, b) in zip(PLENTY, (left, left[::-1], left), strict=True)
    )
    stood = seen(TWO_LEFT, insert(id="1"), insert(id="2"))

    held(check(raced(*left, stood, orders), selling()))
    assert torn(check(raced(left[0], left[0], stood, orders), selling())).evidence["cause"] == "answers"


def _told(exchange, got):
    return type(exchange)(exchange.step, exchange.request, got, exchange.phase)


def test_another_promise_of_success_is_not_compared_word_for_word() -> None:
    stood = seen(TWO_LEFT, insert(id="1"), insert(id="2"))

    held(check(raced(answer(202, {"state": "queued"}), OK, stood, PLENTY), selling()))


def test_declared_journals_may_hold_what_was_tried() -> None:
    tried = Change("insert", "attempts", None, {"id": "3"})

    torn(check(raced(SOLD_OUT, OK, seen(*ONE.changes, tried)), selling()))
    held(check(raced(SOLD_OUT, OK, seen(*ONE.changes, tried)), selling(journal=frozenset({"attempts"}))))


def test_no_race_and_a_race_without_its_orders_have_no_verdict() -> None:
    assert check(record(OK, left=ONE), selling()) is None
    assert check(raced(OK, OK, TWO, ()), selling()) is None


def test_in_a_race_no_other_oracle_compares_with_one_run_alone() -> None:
    codes = {v.rule.code for v in registry.judge(raced(OK, OK, TWO, LAST_ITEM), selling())}

    assert codes <= {"RS401", "RS402", "RS301"}
