"""RS402: an answer nobody chose, or a success without its row, where two race."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.oracles import lost_update as together
from ripstop.oracles.bad_racer import check

from .races import LAST_ITEM, ONE, PLENTY, SOLD_OUT, TWO_LEFT, raced, selling
from .records import BARE, DROPPED, MAPPED, OK, TIMEOUT, exchange, held, insert, record, seen, torn


@pytest.mark.parametrize("bad", [BARE, DROPPED, TIMEOUT])
def test_an_answer_no_code_chose_is_torn_whoever_got_it(bad) -> None:
    one, other = check(raced(bad, OK, ONE), selling()), check(raced(OK, bad, ONE), selling())

    assert torn(one).summary.startswith("the first of two")
    assert torn(other).summary.startswith("the second of two")


def test_what_the_same_racer_is_told_one_after_the_other_is_not_the_races_fault() -> None:
    orders = (replace(LAST_ITEM[0], rival=exchange(BARE)), *LAST_ITEM[1:])

    held(check(raced(OK, BARE, ONE, orders), selling()))


@pytest.mark.parametrize("refusal", [MAPPED, SOLD_OUT])
def test_a_refusal_in_its_own_words_is_held(refusal) -> None:
    held(check(raced(OK, refusal, ONE), selling()))


def test_two_successes_and_a_row_too_few_are_torn_here_and_told_once() -> None:
    run = raced(OK, OK, seen(TWO_LEFT, insert(id="1")), PLENTY)

    assert "1 row is missing in orders" in torn(check(run, selling())).summary
    assert together.check(run, selling()) is None


def test_a_row_with_another_value_is_not_missing() -> None:
    held(
        check(raced(OK, OK, seen(TWO_LEFT, insert(id="1"), insert(id="2", status="due")), PLENTY), selling())
    )


def test_a_record_without_a_race_is_none_of_its_business() -> None:
    assert check(record(BARE, left=ONE), selling()) is None
