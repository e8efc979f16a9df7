"""The baseline: green twice, the same twice, or a clear word why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.errors import BaselineError
from ripstop.explore import baseline
from ripstop.explore.options import Options
from ripstop.model.experiment import CallOutcome
from ripstop.model.state import Observation
from ripstop.model.trace import Kind

from .shop import CHARGE, ROW, STEP, TRACE, WHOLE, Shop, answered, crossing, green


def test_two_runs_that_agree_make_a_baseline_with_what_each_step_did() -> None:
    taken, _ = baseline.take(Shop(), Options())

    assert [step.name for step in taken.steps] == [STEP]
    assert taken.until(STEP) == WHOLE
    assert taken.trace == TRACE


def test_the_first_run_is_thrown_away_for_a_driver_says_more_on_its_first_use() -> None:
    first_use = green((crossing("SELECT version()", Kind.READ), *TRACE))

    taken, _ = baseline.take(Shop(controls=[first_use, green()]), Options())

    assert taken.trace == TRACE


def test_a_red_test_is_refused_with_the_command_that_shows_it() -> None:
    red = replace(green(), call=CallOutcome(passed=False, error="assert 500 == 201"))

    with pytest.raises(BaselineError) as raised:
        baseline.take(Shop(controls=[red]), Options())

    assert raised.value.slug == "baseline-red"
    assert "assert 500 == 201" in raised.value.details
    assert "pytest 'tests/test_shop.py::test_order'" in raised.value.way_out


def test_a_test_that_sends_no_request_has_nothing_to_break() -> None:
    with pytest.raises(BaselineError, match="baseline-empty"):
        baseline.take(Shop(controls=[replace(green(), exchanges=())]), Options())


def test_runs_that_keep_differing_are_refused_with_the_crossings_that_differ() -> None:
    other = green((*TRACE, crossing("SELECT cache", Kind.READ)))

    with pytest.raises(BaselineError) as raised:
        baseline.take(Shop(controls=[green(), green(), other, green()]), Options())

    assert raised.value.slug == "baseline-differs"
    assert any("SELECT cache" in line for line in raised.value.details)


def test_a_cache_that_fills_on_its_second_use_is_honest() -> None:
    filling = green((*TRACE, crossing("SELECT cache", Kind.READ)))

    taken, _ = baseline.take(Shop(controls=[green(), filling, green(), green()]), Options())

    assert taken.trace == TRACE


def test_a_pool_asks_whether_its_connection_lives_only_where_it_has_one() -> None:
    asking = green((crossing("EMPTY", Kind.OTHER), *TRACE))
    taken, _ = baseline.take(Shop(controls=[asking]), Options())

    assert baseline.differences(green(), asking) == ()
    assert baseline.strayed(green(), taken) == ()
    assert baseline.strayed(green(TRACE[1:]), taken) == (f"no longer made: {TRACE[0].id}",)


def test_answers_rows_and_effects_must_repeat_as_well() -> None:
    assert baseline.differences(green(), replace(green(), exchanges=(answered(200),)))
    assert baseline.differences(green(), replace(green(), after_call=Observation((ROW,), ())))
    assert not baseline.differences(green(), green())


def test_values_that_differ_between_two_runs_are_volatile() -> None:
    later = replace(ROW, new={"id": "2", "status": "paid"})
    second = replace(
        green(),
        exchanges=(answered(body=b'{"status": "paid", "id": 2}'),),
        after_call=Observation((later,), (replace(CHARGE, key="k-2"),)),
    )

    taken, _ = baseline.take(Shop(controls=[green(), green(), second]), Options())

    assert taken.volatile_columns == {("orders", "id")}
    assert taken.volatile_data == {("charge", "key")}
    assert taken.steps[0].volatile_body == {"/id"}
