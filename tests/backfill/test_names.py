"""Names read as sentences, stay short, and stay the same."""

from __future__ import annotations

import pytest

from ripstop import faults
from ripstop.backfill import names
from ripstop.backfill.candidate import fault
from ripstop.backfill.encode import one_line
from ripstop.faults import catalogue
from ripstop.model.fault import FaultSpec

from .shop import LOST, RESET, baseline, injection


def test_a_name_says_what_holds_what_breaks_and_after_which_effect() -> None:
    after = names.effect_before(baseline(), injection())
    name = names.sentence("place an order", "keeps_one_charge", injection(), [LOST], after)

    assert (
        name
        == "test_place_order_keeps_one_charge_when_the_order_insert_loses_its_connection_after_the_charge"
    )


def test_what_breaks_before_any_effect_names_none() -> None:
    assert names.effect_before(baseline(), injection(seam="payments", at="POST /v1/charges")) == ""


@pytest.mark.parametrize(
    ("operation", "thing"),
    [
        ("COMMIT", "the_commit"),
        ("UPDATE shop.addresses", "the_address_update"),
        ("POST /v1/charges/{id}/refunds", "the_refund"),
        ("GET /v1/users", "the_user_get"),
        ("CONNECT", "a_connection_to_db"),
        ('INSERT "we;ird"', "the_we_ird_insert"),
    ],
)
def test_an_operation_becomes_a_noun(operation: str, thing: str) -> None:
    assert names.thing(injection(at=operation)) == thing


@pytest.mark.parametrize(
    "workflow", ["x" * 300, "a the an", "注文する", "../../etc", "class", "1st order", '"; import os']
)
def test_any_workflow_name_gives_a_short_python_name(workflow: str) -> None:
    name = names.sentence(
        workflow, "keeps_one_" + "y" * 80, injection(at="INSERT " + "z" * 90), [LOST, RESET], "charge"
    )

    assert name.isidentifier()
    assert len(name) <= names.LONGEST
    assert "/" not in names.slug(workflow)


def test_two_tests_of_one_name_are_told_apart_by_their_key_in_every_run() -> None:
    first = names.unique("test_a", {"test_a"}, "key one")

    assert first != names.unique("test_a", {"test_a"}, "key two")
    assert first == names.unique("test_a", {"test_a"}, "key one")


@pytest.mark.parametrize("name", catalogue.names())
def test_every_fault_is_written_as_the_call_that_makes_it_again(name: str) -> None:
    given = {
        "status": {"code": 503, "retry_after_s": 1},
        "sqlstate": {"code": "23505", "constraint": "a'b"},
        "slow": {"delay_ms": 9},
        "field_too_long": {"field": "/a", "length": 9},
        "field_out_of_range": {"field": "/a", "value": -1, "breaks": "t.a > 0"},
        "unknown_id": {"field": "path:2", "value": "7"},
        "no_credentials": {"headers": "authorization"},
        "before_expiry": {"of": "POST /login /expires_at"},
        "after_expiry": {"of": "POST /login cookie sid", "late_s": 600},
        "dst": {"change": "back"},
    }
    plain = {"field": "/a"} if name.startswith("field_") else {}
    spec = FaultSpec.of(name, **given.get(name, plain))  # type: ignore[arg-type]
    made = eval(one_line(fault(spec)), {"faults": faults})

    assert made.name == name
    assert set(spec.params) <= set(made.params)
