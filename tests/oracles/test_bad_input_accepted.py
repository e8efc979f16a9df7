"""RS501: refused means unchanged, and accepted means kept; what may well be right is never torn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ripstop.model.experiment import Experiment
from ripstop.model.http import Answer, Request
from ripstop.model.plan import Injection
from ripstop.model.state import Observation
from ripstop.model.verdict import Severity, Status
from ripstop.oracles import registry
from ripstop.oracles.bad_input_accepted import check

from .records import (
    BARE,
    MAPPED,
    NOTHING,
    OK,
    answer,
    baseline,
    charge,
    held,
    injection,
    insert,
    record,
    seen,
    torn,
    update,
)

REFUSED = answer(422, {"error": "no"})
ROW = insert(quantity=3)
USUAL = baseline(seen(ROW, charge()))
NOT_NULL, TYPE, CHECK = "orders.quantity NOT NULL", "orders.quantity integer", "orders.quantity > 0"


def broke(fault: str, breaks: str | None = None, *, place: str = "/quantity", **params: Any) -> Injection:
    known = {"field": place, **params, **({"breaks": breaks} if breaks else {})}
    return injection(fault, "client", "POST /orders", **known)


def sent(fault: Injection, got: Answer, left: Observation = NOTHING, **fields: Any) -> Experiment:
    return record(got, left=left, fault=fault, **fields)


def test_a_refusal_that_left_nothing_is_held() -> None:
    held(check(sent(broke("field_null", NOT_NULL), REFUSED), USUAL))


@pytest.mark.parametrize("left", [seen(charge()), seen(ROW), seen(insert("stock"))])
@pytest.mark.parametrize(
    "fault", [broke("field_null", NOT_NULL), broke("field_empty"), broke("field_missing")]
)
def test_a_refusal_that_left_something_is_torn_whatever_was_wrong(
    fault: Injection, left: Observation
) -> None:
    verdict = torn(check(sent(fault, REFUSED, left), USUAL))

    assert verdict.weight is Severity.HIGH
    assert "answered 422" in verdict.summary
    assert "field" not in verdict.evidence


def test_rows_of_the_journal_may_stay_after_a_refusal() -> None:
    usual = replace(USUAL, journal=frozenset({"attempts"}))

    held(check(sent(broke("field_null", NOT_NULL), REFUSED, seen(insert("attempts"))), usual))


@pytest.mark.parametrize("fault", ["field_missing", "field_null", "field_empty"])
def test_a_field_that_no_column_demands_may_be_left_out(fault: str) -> None:
    held(check(sent(broke(fault), OK, seen(insert(quantity=1), charge())), USUAL))


@pytest.mark.parametrize("fault", ["field_missing", "field_null"])
def test_a_default_in_the_place_of_what_was_not_sent_is_right(fault: str) -> None:
    held(check(sent(broke(fault, NOT_NULL), OK, seen(insert(quantity=1), charge())), USUAL))


@pytest.mark.parametrize("word", ["None", "null", "undefined", "NaN"])
def test_the_word_for_nothing_is_no_default(word: str) -> None:
    verdict = torn(
        check(sent(broke("field_null", NOT_NULL), OK, seen(insert(quantity=word), charge())), USUAL)
    )

    assert f'"{word}"' in verdict.summary


def test_a_success_whose_row_is_not_there_is_torn_by_its_field() -> None:
    verdict = torn(check(sent(broke("field_missing", NOT_NULL), OK, seen(charge())), USUAL))

    assert verdict.weight is Severity.HIGH
    assert verdict.evidence["field"] == "/quantity"
    assert "insert orders" in verdict.summary


def test_what_a_partial_update_does_not_send_stays_as_it_was() -> None:
    usual = baseline(seen(update(ROW, quantity=5)))

    held(check(sent(broke("field_missing", NOT_NULL), OK, NOTHING), usual))


@pytest.mark.parametrize(
    "fault", [broke("field_mistyped", TYPE), broke("field_out_of_range", CHECK, value=-1)], ids=str
)
def test_something_else_stored_in_the_place_of_what_cannot_be_is_torn_a_step_lower(fault: Injection) -> None:
    verdict = torn(check(sent(fault, OK, seen(insert(quantity=0), charge())), USUAL))

    assert verdict.weight is Severity.MEDIUM
    assert verdict.evidence["stored"] == ["0"]


def test_a_value_that_stands_in_another_column_is_not_judged() -> None:
    fault = broke("field_out_of_range", CHECK, value=-1)

    verdict = check(sent(fault, OK, seen(insert(quantity=3, delta=-1), charge())), USUAL)

    assert verdict is not None
    assert verdict.status is Status.UNKNOWN


def test_a_text_that_was_cut_is_advice() -> None:
    fault = broke("field_too_long", "orders.quantity 20 characters", length=21)

    assert (
        torn(check(sent(fault, OK, seen(insert(quantity="xx"), charge())), USUAL)).weight is Severity.ADVICE
    )


@pytest.mark.parametrize(
    ("stored", "status"), [("-3", Status.TORN), ("-3.00", Status.TORN), ("3", Status.HELD)]
)
def test_a_count_below_zero_that_nothing_forbids_is_advice_where_it_was_stored(
    stored: str, status: Status
) -> None:
    verdict = check(sent(broke("field_out_of_range", value=-3), OK, seen(insert(quantity=stored))), USUAL)

    assert verdict is not None
    assert verdict.status is status
    assert status is Status.HELD or verdict.weight is Severity.ADVICE


def test_try_again_for_what_can_never_succeed_is_advice_and_a_bare_500_another_rules() -> None:
    certain = broke("field_out_of_range", CHECK, value=-1)

    assert torn(check(sent(certain, MAPPED), USUAL)).weight is Severity.ADVICE
    held(check(sent(broke("field_missing"), MAPPED), USUAL))
    held(check(sent(certain, BARE), USUAL))


def nothing_found(method: str, got: Answer = OK, left: Observation = NOTHING) -> Any:
    fault = broke("unknown_id", place="path:2", value="7")
    run = sent(fault, got, left)
    (exchange,) = run.exchanges
    return check(replace(run, exchanges=(replace(exchange, request=Request(method, "/orders/1")),)), USUAL)


def test_a_success_for_an_id_that_belongs_to_nothing_is_torn_where_nothing_was_done() -> None:
    torn(nothing_found("POST"))
    torn(nothing_found("PATCH"))


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD"])
def test_a_read_or_a_deletion_of_nothing_may_succeed(method: str) -> None:
    held(nothing_found(method))


def test_a_put_may_make_what_was_not_there() -> None:
    held(nothing_found("PUT", left=seen(insert())))


def second(got: Answer, after: Observation) -> Experiment:
    fault = broke("field_duplicate", "orders.quantity UNIQUE")
    return sent(fault, OK, seen(ROW, charge()), retry=got, after=after)


def test_a_second_one_that_is_refused_leaves_what_stood() -> None:
    held(check(second(answer(409), seen(ROW, charge())), USUAL))
    assert "1 effect" in torn(check(second(answer(409), seen(ROW, charge(), charge("k2"))), USUAL)).summary


def test_a_second_one_that_is_taken_may_have_been_found_or_be_another_order() -> None:
    held(check(second(OK, seen(ROW, charge())), USUAL))
    held(check(second(OK, seen(ROW, insert(id=2), charge(), charge("k2"))), USUAL))


def test_a_redirect_that_left_something_is_not_judged_unless_the_baseline_redirects() -> None:
    moved = answer(303, "")
    fault = broke("field_missing")

    verdict = check(sent(fault, moved, seen(insert(quantity=1))), USUAL)

    assert verdict is not None
    assert verdict.status is Status.UNKNOWN
    held(check(sent(fault, moved, seen(insert(quantity=1))), replace_answer(moved)))


def replace_answer(got: Answer) -> Any:
    return baseline(seen(ROW), got=got)


def test_no_answer_and_other_faults_are_other_rules_matter() -> None:
    assert check(sent(broke("field_null"), answer(None, failure="timeout")), USUAL) is None
    assert check(record(OK), USUAL) is None


def codes(run: Experiment) -> list[str]:
    return sorted(v.rule.code for v in registry.judge(run, USUAL) if v.status is Status.TORN)


def test_a_broken_request_is_not_held_against_the_baseline_by_rules_for_failures() -> None:
    misled = sent(broke("field_out_of_range", value=-3), answer(200, {}), NOTHING)
    charged = sent(
        broke("field_null", NOT_NULL), REFUSED, seen(charge()), retry=OK, after=seen(ROW, charge(), charge())
    )

    assert codes(misled) == []
    assert codes(charged) == ["RS501"]


def test_the_good_request_must_work_after_a_refusal_unless_its_key_was_taken() -> None:
    def refused(key: str | None, status: int) -> Experiment:
        got = answer(status, {"error": "no"})
        return sent(broke("field_null", NOT_NULL), REFUSED, retry=got, after=NOTHING, key=key)

    keyed = baseline(seen(ROW, charge()), key="header:Idempotency-Key")

    assert codes(refused(None, 422)) == ["RS206"]
    assert [v for v in registry.judge(refused("k", 422), keyed) if v.status is Status.TORN] == []
    assert [v.rule.code for v in registry.judge(refused("k", 503), keyed) if v.status is Status.TORN] == [
        "RS206"
    ]
