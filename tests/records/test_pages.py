"""The page of a workflow, and the index."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from ripstop.model.survey import Stake
from ripstop.records import pages
from ripstop.records.cost import Assumed
from ripstop.records.failures import Glossary
from ripstop.records.record import Record

from .made_up import ENTRY, HUNG, LOST, TORN, cell, fired, record, suite

GLOSSARY = Glossary(
    {"reply_lost": "The effect happened and the reply was lost."},
    {"RS205": "duplicate write"},
    {"reduced-same-wait": "the same wait was judged at this seam"},
)
HOSTILE = "|</td> <script>`*[x](y)\n<!-- ripstop:end record -->\x1b[31m@ada"


def page(one: Record | None = None) -> str:
    return pages.workflow(one or record(), GLOSSARY, Assumed())[0]


@pytest.mark.parametrize(
    "line",
    [
        "# Place an order",
        "| impact | critical |",
        "| cost of one failure | 80 EUR |",
        "| frequency | 9,000 runs a month |",
        "| owner | payments |",
        "| depends on | payments (http); db (postgres, `orders`) |",
        "| failure modes | 5: 3 held, 1 torn, 1 not exercised; none of them in a test |",
        "- `POST /orders` is answered 201; it leaves `insert orders` (1) and `payments charge` (1).",
        "    service->>s2: POST /v1/charges",
        "- **RS205 duplicate write**: 2 rows in orders where the baseline has 1. By `reply_lost` at "
        "`COMMIT`.",
        "### 4: `COMMIT` at db (postgres)",
        "- `reply_lost`: The effect happened and the reply was lost.",
    ],
)
def test_a_newcomer_reads_what_it_is_worth_how_it_goes_and_what_breaks_it(line: str) -> None:
    assert line in page().splitlines(), page()


def test_faults_with_one_outcome_share_a_row_in_plain_words() -> None:
    assert (
        '| `connection_lost`, `sqlstate` (40001) | 503 `{"error": "order_persist_failed", "request": "…"}` '
        "| none | payments: 1 charge | 201, then all as usual | held | none |"
    ) in page()


def test_what_tore_names_its_finding_and_what_was_not_exercised_says_why() -> None:
    told = page()

    assert (
        "| `orders`: 1 inserted | payments: 1 charge | 201, then `orders`: 2 inserted instead of 1 | **torn**"
        in told
    )
    assert "| not exercised: the same wait was judged at this seam | none |" in told


def test_the_test_in_which_a_fault_happens_is_named_beside_it() -> None:
    known = suite("passed", fired("connection_lost", "db", "INSERT orders"))
    told = page(record(known=known))

    assert re.search(r"^\| `connection_lost` \|.*\| `test_down` \|$", told, re.MULTILINE)
    assert "1 of them in a test |" in told


def test_amounts_stand_beside_minutes_and_everything_they_are_made_of() -> None:
    told = page()

    assert "| `POST /v1/charges`: `hang` | held | 720.00 EUR | 720.00 EUR | 15 | 0.1 |" in told
    assert "Expected cost a month = 9,000 runs x 80 EUR x rate" in told
    assert "- a call to somebody else's server (http, smtp): 1,000 in a million" in told


def test_without_numbers_there_is_no_amount_and_the_missing_ones_are_named() -> None:
    told = page(record(Stake(frequency=5.0)))

    assert "No amount: `cost_of_failure` is not said for this workflow" in told
    assert "EUR" not in told
    assert "| cost of one failure | not said |" in told


def test_the_same_record_gives_the_same_page_whatever_the_order_of_exploration() -> None:
    assert page() == page(record(cells=ENTRY["cells"][::-1]))


def test_what_was_never_explored_is_a_page_that_says_so() -> None:
    assert "Nothing was let happen yet" in page(record(cells=[]))


def hostile(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: hostile(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    if isinstance(value, tuple):
        return tuple(hostile(one) for one in value)
    if isinstance(value, dict):
        return {f"{HOSTILE}{key}": hostile(one) for key, one in value.items()}
    return HOSTILE if type(value) is str else value


def test_no_text_of_a_project_becomes_markup_a_marker_or_a_row() -> None:
    told = page(hostile(record()))

    assert re.findall(r"<(?!!-- ripstop|/?code>)[^>]*>", re.sub(r"\\.", "", told)) == []
    assert "\x1b" not in told
    assert len(re.findall(r"^<!-- ripstop:end record -->$", told, re.MULTILINE)) == 1
    assert told.count("```") == 2


def test_the_index_links_each_workflow_with_what_is_said_and_known_of_it() -> None:
    told = pages.index(pages.file_names([record()]))[0]

    row = "| critical | 9,000 | payments | payments and db | 1 | 3 | 5 of 5 |"
    assert f"| [place an order](place-an-order.md) {row}" in told


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("place an order", "place-an-order.md"),
        ("Größe ../../etc", "groe-etc.md"),
        ("README", "readme-workflow.md"),
        ("注文", "workflow-78f0be.md"),
    ],
)
def test_a_file_is_named_after_its_workflow_and_stays_in_its_folder(name: str, file: str) -> None:
    assert list(pages.file_names([Record("a::b", name)])) == [file]


def test_two_workflows_of_one_name_have_two_files() -> None:
    named = pages.file_names([Record("a::b", "order"), Record("a::c", "order")])

    assert len(named) == 2
    assert all(name.startswith("order-") for name in named)


def test_how_often_a_fault_happened_is_told_where_that_makes_a_difference() -> None:
    once, always = {**LOST, "tries": 1}, {**LOST, "tries": 0, "outcome": HUNG["outcome"]}

    assert "| `connection_lost` (each time) | no answer within 5 s |" in page(record(cells=[once, always]))
    assert "each time" not in page(record(cells=[always]))


def test_each_turn_of_a_crossing_has_its_own_table() -> None:
    again = [{**one, "nth": 2} for one in (TORN, ENTRY["crossings"][2])]
    told = page(record(cells=[TORN, again[0]], crossings=[*ENTRY["crossings"], again[1]]))

    assert "### 4: `COMMIT` at db (postgres)\n" in told
    assert "### 4: `COMMIT` at db (postgres), time 2\n" in told


def test_faults_after_others_share_a_row_and_name_a_few_of_them() -> None:
    pairs = [{**LOST, "with": [f"hang at db: SELECT t{number}"]} for number in range(5)]

    told = page(record(cells=pairs))
    assert "| `connection_lost` after hang at db: SELECT t0, hang at db: SELECT t1, hang at" in told
    assert "SELECT t2 and 2 more |" in told


def test_a_crossing_that_only_a_failure_brings_about_says_so() -> None:
    refund = cell("payments", "POST /v1/refunds", "hang", outcome=HUNG["outcome"])

    assert "### Only when something broke: `POST /v1/refunds` at payments (http)" in page(
        record(cells=[refund])
    )
