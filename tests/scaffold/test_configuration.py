"""What is written into a configuration, and what is left as it is."""

from __future__ import annotations

import tomllib

from ripstop.scaffold.configuration import Existing, completed, with_doubles
from ripstop.scaffold.plan import DoublePlan, Plan, RoutePlan, SeamPlan, ServicePlan
from ripstop.scaffold.skeletons import text

PLAN = Plan(
    ServicePlan("run --port {port}", "/health", ("migrate",), env={"A": 'say "no"\n'}),
    (SeamPlan("db", "postgres"), SeamPlan("crm", "http", ("api.crm.example",))),
    (DoublePlan("crm", (RoutePlan("POST", "/v1/contacts/{id}", "contact", {"name": "str"}),), "Key"),),
)


def tables(text: str) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = tomllib.loads(text)["tool"]["ripstop"]
    return found


def test_a_new_file_says_everything_with_values_as_they_are() -> None:
    after, notes = completed(Existing("pyproject.toml", "", {}), with_doubles(PLAN, "tests.doubles"))

    assert tables(after) == {
        "service": {
            "command": "run --port {port}",
            "ready": "/health",
            "setup": "migrate",
            "env": {"A": 'say "no"\n'},
        },
        "seams": {
            "db": {"protocol": "postgres"},
            "crm": {"protocol": "http", "hosts": ["api.crm.example"], "double": "tests.doubles:crm"},
        },
    }
    assert notes == ()


def test_tables_that_are_there_stay_to_the_letter_and_missing_keys_are_told() -> None:
    text = '[tool.ripstop.service]\ncommand = "ours"\nenv = {B = "1"}\n'
    text += '[tool.ripstop.seams.db]\nprotocol = "postgres"\n'
    own = Existing("pyproject.toml", text, tables(text))

    after, notes = completed(own, PLAN)

    assert after.startswith(text.rstrip("\n"))
    assert set(tables(after)["seams"]) == {"db", "crm"}
    assert notes == (
        'A is read by the code: add A = "say \\"no\\"\\U0000000A" to [tool.ripstop.service.env]',
    )


def test_a_skeleton_is_python_that_answers_its_routes() -> None:
    space: dict[str, object] = {}
    exec(text(PLAN.doubles), space)

    assert "@crm.route(" in text(PLAN.doubles)
    assert space["crm"].operations() == ("POST /v1/contacts/{id}",)  # type: ignore[attr-defined]
