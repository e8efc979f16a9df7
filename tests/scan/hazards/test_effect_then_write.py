"""An effect outside and a write of one's own: which order is dangerous, and how much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.model.survey import Reach, Sureness
from ripstop.model.trace import Kind
from ripstop.scan.hazards.effect_then_write import REASON, hazards

from .reading import at, begin, charge, commit, fetch, select, subject, write


def test_charge_then_insert_is_told_with_both_lines() -> None:
    (found,) = hazards(subject(charge(10), begin(20), write(21, "orders", in_transaction=True), commit(20)))

    assert found.reason == (
        "POST /v1/charges at pay.example (app.py:10) comes before INSERT orders (app.py:21): "
        "where the write fails, the effect stays"
    )
    assert (found.place, found.weight, found.sureness) == (at(10), REASON.weight, Sureness.CERTAIN)


def test_a_write_before_the_effect_with_its_commit_after_it_is_the_same_danger() -> None:
    (found,) = hazards(subject(begin(5), write(6, in_transaction=True), charge(10), commit(11)))

    assert "comes before COMMIT (app.py:11)" in found.reason
    assert found.weight == REASON.weight


@pytest.mark.parametrize(
    "reaches",
    [
        (write(5), charge(10)),
        (begin(4), write(5, in_transaction=True), commit(6), charge(10)),
        (charge(10), select(20)),
        (charge(10),),
        (fetch(10), write(20)),
        (begin(4), select(5, in_transaction=True), charge(10), commit(11)),
        (begin(4), write(5, in_transaction=True), commit(6), charge(10), begin(11), commit(12)),
    ],
    ids=[
        "written before",
        "committed before",
        "only read",
        "nothing written",
        "no effect",
        "nothing pending",
        "an empty one after",
    ],
)
def test_other_orders_are_not_told(reaches: tuple[Reach, ...]) -> None:
    assert list(hazards(subject(*reaches))) == []


def test_an_intent_committed_before_the_effect_weighs_less_and_is_named() -> None:
    intent = (begin(4), write(5, "intents", in_transaction=True), commit(6))

    (found,) = hazards(subject(*intent, charge(10), write(20, "orders")))

    assert found.weight < REASON.weight / 2
    assert found.reason.endswith("INSERT intents (app.py:5) is committed before and may tell of it")


def test_a_mail_for_nothing_weighs_less_than_a_charge() -> None:
    mail = Reach("smtp", "SEND", Kind.CALL, at(10), effect=True)

    (found,) = hazards(subject(mail, write(20)))

    assert 0 < found.weight < REASON.weight


def test_it_is_as_sure_as_the_less_sure_of_the_two() -> None:
    (found,) = hazards(subject(charge(10), replace(write(20), sureness=Sureness.GUESS)))

    assert found.sureness is Sureness.GUESS


def test_writing_to_one_s_own_cache_is_no_effect() -> None:
    cached = Reach("redis", "SET", Kind.WRITE, at(10), effect=True)

    assert list(hazards(subject(cached, write(20)))) == []
