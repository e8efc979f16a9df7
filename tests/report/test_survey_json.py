"""A survey for machines."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from typing import Any

import pytest

from ripstop.model import survey as nouns
from ripstop.report.survey_json import SCHEMA, as_json

from .surveys import CHARGE, PLACE, SURVEY


def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(as_json(SURVEY)))
    return found


def test_it_names_its_schema_and_tells_the_headline() -> None:
    assert told()["schema"] == SCHEMA == "ripstop-survey/1"
    assert told()["headline"].startswith("POST /orders could cost most")


@pytest.mark.parametrize(
    ("noun", "where"),
    [
        (nouns.Route, "route"),
        (nouns.Stake, "stake"),
        (nouns.Hazard, "hazards"),
        (nouns.Reach, "reaches"),
        (nouns.Exit, "exits"),
        (nouns.FailureMode, "failure_modes"),
    ],
)
def test_every_field_of_a_noun_is_told(noun: Any, where: str) -> None:
    found = told()["workflows"][0][where]
    one = found[0] if isinstance(found, list) else found

    assert {field.name for field in dataclasses.fields(noun)} - set(one) == set()


def test_workflows_stand_in_the_order_of_their_risk_with_places_as_path_and_line() -> None:
    workflows = told()["workflows"]

    assert [one["route"]["operation"] for one in workflows] == ["POST /orders", "GET /orders/{id}"]
    assert workflows[0]["hazards"][1]["place"] == {"path": "orders/app.py", "line": 43, "symbol": ""}


def test_an_exit_nobody_looked_at_differs_from_one_nobody_took() -> None:
    exits = told()["workflows"][0]["exits"]

    assert [one["entered_by"] for one in exits] == [[], ["tests/test_orders.py::test_down"], None]


def test_what_is_left_out_unread_and_noted_is_told() -> None:
    survey = told()

    assert survey["left_out"][0]["reason"] == "reaches no seam"
    assert survey["unread"][0]["why"] == "invalid syntax"
    assert survey["notes"]
    assert survey["risk_coverage"]["risk_total"] == 105


def test_a_password_in_an_address_is_masked() -> None:
    reach = replace(CHARGE, target="https://shop:hunter2@payments.example")
    survey = replace(SURVEY, workflows=(replace(PLACE, reaches=(reach,)),))

    assert "hunter2" not in json.dumps(as_json(survey))
