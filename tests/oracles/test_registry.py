"""All rules together: order, precedence, and silence where nothing is wrong."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ripstop.oracles
from ripstop.errors import UsageError
from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.state import Change, Effect, Observation
from ripstop.model.verdict import Rule, Status
from ripstop.oracles.registry import RULES, judge, page, rule

from .records import (
    BARE,
    DROPPED,
    MAPPED,
    OK,
    SHOP,
    answer,
    baseline,
    charge,
    healthy,
    insert,
    record,
    seen,
)

KEY = "header:Idempotency-Key"


def torn_codes(run: Experiment, usual: Baseline) -> list[str]:
    return [v.rule.code for v in judge(run, usual) if v.status is Status.TORN]


def test_every_rule_file_is_registered_in_order_of_code() -> None:
    names = [m.name for m in pkgutil.iter_modules(ripstop.oracles.__path__, "ripstop.oracles.")]
    in_files = [r for n in names if isinstance(r := getattr(importlib.import_module(n), "RULE", None), Rule)]

    assert sorted(in_files, key=lambda r: r.code) == list(RULES)
    assert all(count == 1 for count in Counter(r.code for r in RULES).values())


def test_a_rules_file_is_named_after_its_slug() -> None:
    folder = Path(ripstop.oracles.__file__).parent

    assert [r.slug for r in RULES if not (folder / f"{r.slug.replace('-', '_')}.py").exists()] == []


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.code)
def test_every_page_has_its_four_parts_and_an_example(one: Rule) -> None:
    headings = re.findall(r"^## (.+)$", page(one.slug), re.MULTILINE)

    assert headings == ["What it checks", "Why it matters", "Example", "What to do instead"]
    assert page(one.code).startswith(f"# {one.code} ")
    assert "```" in one.page


def test_a_rule_is_found_by_code_or_slug() -> None:
    assert rule("rs204") is rule("duplicate-effect")


def test_an_unknown_rule_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="RS999") as caught:
        rule("RS999")

    assert len(caught.value.details) == len(RULES)


def test_a_dirty_record_is_unknown_and_nothing_else() -> None:
    (only,) = judge(record(BARE, left=seen(charge()), dirty="a transaction stayed open"), baseline())

    assert (only.rule.code, only.status) == ("RS902", Status.UNKNOWN)


def test_a_fault_that_never_fired_is_not_judged() -> None:
    assert judge(record(BARE, fired=()), baseline()) == ()


def test_charge_then_error_then_charge_again_tells_the_error_and_the_double_charge_once_each() -> None:
    after = seen(charge(), insert(), charge("k2"))
    run = record(BARE, left=seen(charge()), key="k", retry=OK, after=after)

    assert torn_codes(run, baseline(key=KEY)) == ["RS101", "RS204"]


def test_a_charge_that_stays_alone_is_not_told_again_as_no_convergence() -> None:
    run = record(BARE, left=seen(charge()), retry=BARE, after=seen(charge()))

    assert torn_codes(run, baseline()) == ["RS101", "RS203"]


def test_leftovers_are_told_once_and_not_again_as_duplicates() -> None:
    left = seen(insert(status="pending"))
    run = record(MAPPED, left=left, retry=OK, after=seen(*left.changes, *SHOP.changes, charge()))

    assert torn_codes(run, baseline()) == ["RS201"]


def test_leftovers_that_stand_in_the_way_of_the_retry_are_a_second_finding() -> None:
    left = seen(insert(status="pending"))
    run = record(MAPPED, left=left, retry=answer(409, {}), after=left)

    assert torn_codes(run, baseline()) == ["RS201", "RS206"]


def test_a_dead_service_is_not_told_as_no_convergence() -> None:
    run = record(DROPPED, retry=DROPPED, after=seen(), recovery=False, died="signal 11")

    assert torn_codes(run, baseline()) == ["RS101", "RS301"]


def test_a_lost_write_is_not_told_again_as_an_orphan() -> None:
    run = record(OK, left=seen(charge()), key="k", retry=OK, after=seen(charge()))

    assert torn_codes(run, baseline(key=KEY)) == ["RS202"]


def test_a_well_kept_service_is_held_by_every_oracle_that_applies() -> None:
    verdicts = judge(record(MAPPED, retry=OK, after=SHOP, recovery=True), baseline(key=KEY))

    assert {v.status for v in verdicts} == {Status.HELD}
    assert len(verdicts) >= 8


def test_a_torn_verdict_tells_what_broke_what_was_answered_and_what_stood() -> None:
    after = seen(charge(), insert(), charge("k2"))
    verdicts = judge(record(BARE, left=seen(charge()), retry=OK, after=after), baseline())
    shown = next(v.evidence for v in verdicts if v.rule.code == "RS204")

    assert shown["broke"] == ["connection_lost at db: INSERT orders"]
    assert shown["answer"]["status"] == 500
    assert shown["retry"]["status"] == 201
    assert shown["effects"] == {"payments charge": {"expected": 1, "after_call": 1, "after_retry": 2}}
    assert shown["rows"] == {"insert orders": {"expected": 1, "after_call": 0, "after_retry": 1}}


def test_evidence_is_json_and_holds_no_secret() -> None:
    leaky = answer(500, {"detail": "postgresql://shop:hunter2@db/shop", "token": "tok_9f8e7d6c"})
    run = record(leaky, left=seen(insert(card_number="4242424242424242")), log=("password=hunter2",))
    text = json.dumps([dict(v.evidence) for v in judge(run, baseline())])

    assert not re.search("hunter2|tok_9f8e7d6c|4242424242424242", text)


names = st.sampled_from(["orders", "stock", "users"])
values = st.dictionaries(st.sampled_from(["id", "status", "n"]), st.none() | st.text(max_size=3), min_size=1)
changes = st.one_of(
    st.builds(lambda t, v, n: Change("insert", t, None, v, {}, n), names, values, st.integers(1, 3)),
    st.builds(lambda t, o, v: Change("update", t, o, v), names, values, values),
    st.builds(lambda t, o: Change("delete", t, o), names, values),
)
happened = st.builds(
    lambda kind, key, data: Effect("payments", kind, key, data),
    st.sampled_from(["charge", "refund", "mail"]),
    st.none() | st.text(max_size=3),
    st.dictionaries(st.sampled_from(["amount", "to", "compensates"]), st.none() | st.text(max_size=3)),
)
worlds = st.builds(
    Observation, st.lists(changes, max_size=6).map(tuple), st.lists(happened, max_size=4).map(tuple)
)
answers = st.builds(
    answer,
    st.sampled_from([200, 201, 204, 302, 404, 409, 422, 500]),
    st.none()
    | st.text(max_size=5)
    | st.dictionaries(st.text(max_size=3), st.none() | st.integers(), max_size=3),
)


@settings(max_examples=200, deadline=None)
@given(left=worlds, got=answers, journal=st.frozensets(names, max_size=1))
def test_a_healthy_control_is_never_torn(left: Observation, got: object, journal: frozenset[str]) -> None:
    usual = baseline(left, got=got, journal=journal)  # type: ignore[arg-type]
    control = record(got, left=left, control=True)  # type: ignore[arg-type]

    assert [v.summary for v in judge(control, usual) if v.status is Status.TORN] == []


@settings(max_examples=100, deadline=None)
@given(left=worlds)
def test_a_fault_that_changes_nothing_is_never_torn(left: Observation) -> None:
    run = record(OK, left=left, retry=OK, after=left, key="k", recovery=True)

    assert torn_codes(run, baseline(left, key=KEY)) == []


def test_a_healthy_control_is_judged_at_all() -> None:
    assert {v.status for v in judge(healthy(), baseline())} == {Status.HELD}
