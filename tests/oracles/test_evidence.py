"""What a verdict shows of its record beside numbers: the values that are not the baseline's."""

from __future__ import annotations

from ripstop.model.experiment import Experiment
from ripstop.oracles.evidence import common

from .records import BARE, NOTHING, OK, baseline, charge, insert, record, seen

PAID = seen(insert(), charge())


def values(experiment: Experiment) -> object:
    return common(experiment, baseline(PAID))["values"]


def test_a_row_of_another_value_is_told_with_both_at_its_moment() -> None:
    pending = seen(insert(status="pending"), charge())

    assert values(record(BARE, left=pending, retry=OK, after=PAID)) == {
        "after_call": ["orders: status pending instead of paid"]
    }


def test_an_effect_of_another_value_is_told_too() -> None:
    more = seen(insert(), charge(amount=9900))

    assert values(record(BARE, left=NOTHING, retry=OK, after=more)) == {
        "after_retry": ["payments charge: amount 9900 instead of 4200"]
    }


def test_the_baselines_values_and_volatile_ones_are_not_told() -> None:
    assert values(record(BARE, left=NOTHING, retry=OK, after=seen(insert(id=8), charge()))) == {}


def test_which_of_several_rows_is_whose_is_not_guessed() -> None:
    usual = baseline(seen(insert(), insert(note="a")))
    left = seen(insert(status="open"), insert(status="void"))

    assert common(record(BARE, left=left), usual)["values"] == {"after_call": ["orders: other values"]}


def test_a_secret_stays_one_and_a_long_value_is_cut() -> None:
    usual = baseline(seen(insert(password="a", note="x")))
    (told, hidden) = common(record(BARE, left=seen(insert(password="b", note="y" * 99))), usual)["values"][
        "after_call"
    ]

    assert told == f"orders: note {'y' * 39}… instead of x"
    assert "instead of" in hidden
    assert " b " not in hidden
