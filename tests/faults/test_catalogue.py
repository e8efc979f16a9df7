"""The catalogue as a whole: names, pages, specs that become faults and faults that become specs."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from ripstop import faults
from ripstop.errors import UsageError
from ripstop.faults import catalogue
from ripstop.faults.params import parameters
from ripstop.model.fault import Facts, FaultSpec
from ripstop.model.trace import Crossing

FOLDER = Path(catalogue.__file__).parent
HELPERS = {"__init__", "catalogue", "demands", "inbound", "keyed", "params", "replies", "sqlstates", "where"}


def test_every_file_is_a_fault_and_every_fault_a_file() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - HELPERS

    assert files == set(catalogue.names()) == set(faults.__all__)


@pytest.mark.parametrize("name", catalogue.names())
def test_every_fault_has_a_page_that_says_what_why_and_what_instead(name: str) -> None:
    page = catalogue.page(name)

    assert page.startswith(f"# {name}\n\n")
    for part in ("**What happens.**", "**Why it matters.**", "**Tears.**", "**Instead.**", "```"):
        assert part in page


@pytest.mark.parametrize("name", catalogue.names())
def test_every_parameter_is_on_the_faults_page(name: str) -> None:
    module: Any = importlib.import_module(f"ripstop.faults.{name}")
    kind = next(value for value in vars(module).values() if getattr(value, "name", None) == name)

    for field in parameters(kind):
        assert f"`{field.name}`" in catalogue.page(name)


SPECS = [
    (faults.reply_lost(), "reply_lost"),
    (faults.sqlstate("40001"), "sqlstate(code=40001)"),
    (
        faults.sqlstate("23505", constraint="a_key", columns="a,b"),
        "sqlstate(code=23505, columns=a,b, constraint=a_key)",
    ),
    (faults.status(503), "status(code=503)"),
    (faults.status(429, retry_after_s=2), "status(code=429, retry_after_s=2)"),
    (faults.slow(delay_ms=300), "slow(delay_ms=300)"),
    (faults.slow(dribble_ms=5), "slow(dribble_ms=5)"),
    (faults.late_reply(delay_ms=900), "late_reply(delay_ms=900)"),
    (faults.declined("card_declined"), "declined(error=card_declined)"),
    (faults.missing_field("id"), "missing_field(field=id)"),
    (faults.wrong_type(), "wrong_type"),
]


@pytest.mark.parametrize(("spec", "text"), SPECS)
def test_a_constructor_makes_a_spec_that_reads_well(spec: FaultSpec, text: str) -> None:
    assert str(spec) == text


@pytest.mark.parametrize("spec", [spec for spec, _ in SPECS])
def test_a_spec_becomes_a_fault_and_the_same_spec_again(spec: FaultSpec) -> None:
    protocol = "postgres" if spec.name == "sqlstate" else "http"

    assert catalogue.build(spec, protocol).spec == spec


def test_every_offered_fault_can_be_built_again_from_its_spec(call: Crossing, statement: Any) -> None:
    insert = statement("INSERT INTO orders (id) VALUES (1)", in_transaction=True)
    for crossing in (call, insert):
        for fault in catalogue.offered(crossing, Facts()):
            assert catalogue.build(fault.spec, crossing.protocol) == fault


def test_an_unknown_name_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(UsageError, match="did you mean 'connection_lost'") as raised:
        catalogue.build(FaultSpec("conection_lost"), "postgres")

    assert raised.value.slug == "unknown-fault"


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        (FaultSpec.of("sqlstate"), "code: missing"),
        (FaultSpec.of("sqlstate", code=40001), "code: wants str, got 40001"),
        (FaultSpec.of("sqlstate", code="4000"), "five digits or capitals"),
        (FaultSpec.of("stall", delay_ms=1), "delay_ms: unknown"),
        (FaultSpec.of("slow"), "delay_ms or dribble_ms: needed"),
        (FaultSpec.of("slow", delay_ms=True), "delay_ms: wants int, got True"),
    ],
)
def test_wrong_parameters_are_named(spec: FaultSpec, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as raised:
        catalogue.build(spec, "postgres")

    assert raised.value.slug == "fault-params"


def test_a_fault_of_another_protocol_is_refused_with_those_that_fit() -> None:
    with pytest.raises(UsageError, match=r"status cannot happen at a postgres seam.*\n.*sqlstate") as raised:
        catalogue.build(faults.status(503), "postgres")

    assert raised.value.slug == "fault-protocol"
