"""Tests of broken requests: what is pinned, what a finding's test wants, what is not written and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ripstop.backfill import writing
from ripstop.backfill.checklist import lines
from ripstop.backfill.writing import Material
from ripstop.cli.backfill import altered
from ripstop.model.events import Held
from ripstop.model.fault import FaultSpec
from ripstop.model.http import Answer
from ripstop.model.plan import Injection
from ripstop.model.state import Observation
from ripstop.model.trace import CLIENT, CrossingId
from ripstop.model.verdict import Finding

from .shop import NOTHING, STEP, answer, baseline, done, finding, held, order, request
from .test_writing import honest

REFUSED = answer(422, {"error": "not_an_order"})
NULL = FaultSpec.of("field_null", field="/amountCents", breaks="orders.amount_cents NOT NULL")


def at_client(fault: FaultSpec) -> Injection:
    return Injection(CrossingId(STEP, CLIENT, STEP), fault)


def refused(fault: FaultSpec = NULL, got: Answer = REFUSED, left: Observation = NOTHING) -> Held:
    return held(at_client(fault), got, after_call=left)


def torn(code: str, fault: FaultSpec = NULL, *more: FaultSpec, **evidence: Any) -> Finding:
    return replace(finding(code, where=at_client(fault), **evidence), faults=(fault, *more))


def draft(*pins: Held, findings: tuple[Finding, ...] = (), base: Any = None) -> Any:
    return writing._draft(Material("f", done(base=base, held=pins, findings=findings)), altered)


def text(*pins: Held, disarmed: bool = False, **known: Any) -> str:
    made = draft(*pins, **known)
    return writing._trial(made, writing._items(made), disarmed)


def test_a_refusal_is_pinned_with_its_request_written_out_and_what_stands() -> None:
    made = text(refused())

    assert '"amountCents": None' in made
    assert "assert response.status_code == 422" in made
    assert 'assert response.json() == {"error": "not_an_order"}' in made
    assert "assert seams.db.changes == []" in made
    assert 'assert seams.payments.effects("charge") == 0' in made
    assert "def test_place_order_answers_422_not_an_order_when_amount_cents_is_null(" in made


def test_the_proof_sends_the_good_request_in_its_place() -> None:
    made = text(refused(), disarmed=True)

    assert "None" not in made
    assert 'service.post("/orders", json=order)' in made
    assert "assert response.status_code == 422" in made


def test_the_key_is_made_anew_in_a_broken_request_as_in_a_good_one() -> None:
    assert '"idempotencyKey": str(uuid4())' in text(refused())


def test_a_validators_long_list_is_not_insisted_on() -> None:
    made = text(refused(got=answer(422, {"detail": [{"msg": "x" * 200}]})))

    assert "assert response.status_code == 422" in made
    assert ".json() ==" not in made


@pytest.mark.parametrize(
    ("status", "why"), [(201, "which may be right"), (503, "as if the service had failed")]
)
def test_what_was_accepted_or_failed_is_nothing_to_insist_on(status: int, why: str) -> None:
    made = draft(refused(got=answer(status, {})))

    assert made.candidates == []
    assert why in made.dropped[0].reason


def test_a_few_broken_requests_are_enough_and_another_field_goes_before_another_way() -> None:
    ways = ("field_empty", "field_missing", "field_null", "field_mistyped")
    fields = ("/userId", "/amountCents", "/a", "/b", "/c", "/d", "/e")
    base = baseline(request(order(a=1, b=1, c=1, d=1, e=1)))
    every = [FaultSpec.of(way, field=field) for field in fields for way in ways[1:]]

    made = draft(*(refused(fault) for fault in every), base=base)

    told = [dict(c.injection.fault.params)["field"] for c in made.candidates]
    assert len(told) == len(set(told)) == 6
    assert [d.name.partition(",")[0] for d in made.dropped] == [f"{len(every) - 6} more broken requests"]


def test_a_finding_wants_a_refusal_that_changes_nothing_and_is_red_today() -> None:
    made = text(findings=(torn("RS501", field="/amountCents"),))

    assert "def test_place_order_changes_nothing_when_amount_cents_is_null(" in made
    assert "assert 400 <= response.status_code < 500" in made
    assert "assert seams.db.changes == []" in made
    assert '"amountCents": None' in made


def test_the_same_rule_at_two_fields_is_two_tests_with_keys_of_their_own() -> None:
    other = FaultSpec.of("field_missing", field="/userId")
    made = draft(findings=(torn("RS501", field="/amountCents"), torn("RS501", other, field="/userId")))

    assert len({c.key for c in made.candidates}) == len({c.name for c in made.candidates}) == 2


def test_an_open_door_wants_the_caller_turned_away_and_sends_no_credentials() -> None:
    sent = request(order(), ("Authorization", "Bearer ann-1234567890"))
    fault = FaultSpec.of("no_credentials", headers="authorization")

    made = text(findings=(torn("RS502", fault),), base=baseline(sent))

    assert "assert response.status_code in (401, 403, 404)" in made
    assert "Authorization" not in made
    assert "ann-1234567890" not in made


def test_somebody_elses_static_credentials_are_read_from_the_environment() -> None:
    sent = request(order(), ("Authorization", "Bearer ann-1234567890"), target="/orders/42")
    base = baseline(sent, other=(("Authorization", "Bearer eve-1234567890"),))
    fault = FaultSpec("other_credentials")
    made = draft(findings=(torn("RS502", fault),), base=base)

    shown = writing._trial(made, writing._items(made), disarmed=False)
    assert "eve-1234567890" not in shown
    assert set(made.flow.secrets.values()) == {"Bearer ann-1234567890", "Bearer eve-1234567890"}


def test_somebody_else_may_be_a_fixture() -> None:
    base = baseline(request(order(), target="/orders/42"), other="eve")

    made = text(findings=(torn("RS502", FaultSpec("other_credentials")),), base=base)

    assert "(service, seams, eve):" in made
    assert "headers=eve" in made


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (torn("RS206"), "what comes after a broken request"),
        (torn("RS501", FaultSpec.of("field_duplicate", field="/userId")), "it takes two requests"),
    ],
)
def test_what_no_single_request_can_show_is_told_and_not_written(found: Finding, why: str) -> None:
    made = draft(findings=(found,))

    assert made.candidates == []
    assert why in made.untested[0].name


def test_of_several_faults_one_that_a_single_request_shows_is_written() -> None:
    first = FaultSpec.of("field_duplicate", field="/userId")

    made = draft(findings=(torn("RS501", first, NULL),))

    assert [c.injection.fault for c in made.candidates] == [NULL]


def test_hanging_up_is_written_only_where_a_key_makes_coming_again_the_same_request() -> None:
    gone = torn("RS205", FaultSpec("client_gone"))

    assert len(draft(findings=(gone,)).candidates) == 1
    keyless = draft(findings=(gone,), base=baseline(idempotency_key=None))
    assert "hang up" in keyless.untested[0].name


def test_the_checklist_has_a_row_for_fields_and_one_for_callers() -> None:
    outcome = done(
        held=(refused(),),
        findings=(torn("RS502", FaultSpec.of("no_credentials", headers="authorization")),),
    )
    (one,) = writing.backfill([Material("f", outcome)], honest, str, alter=altered)

    rows = {row.row: row.mark for row in one.told}
    assert rows["broken request refused"] == "pinned"
    assert rows["wrong caller refused"] == "torn"
    assert "RS502" in "\n".join(lines(one.workflow, one.told))
