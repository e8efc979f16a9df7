"""The marker on who asks: read into the workflow, and refused with the right way to write it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from ripstop.errors import UsageError
from ripstop.model.http import Headers
from ripstop.model.runner import Workflow
from ripstop.model.survey import Place, Stake
from ripstop.suite.running import _identity
from ripstop.suite.workflows import workflow_of


def item(**arguments: Any) -> pytest.Item:
    mark = pytest.mark.workflow("order", **arguments).mark
    made = SimpleNamespace(
        nodeid="t.py::t", name="t", location=("t.py", 3, "t"), get_closest_marker=lambda _name: mark
    )
    return cast("pytest.Item", made)


def workflow(**arguments: Any) -> Workflow:
    found = workflow_of(item(**arguments))
    assert found is not None
    return found


def test_who_asks_who_else_could_and_what_is_open_to_all() -> None:
    one = workflow(credentials="header:X-Key", other={"X-Key": "eve"}, public=["GET /menu"])

    assert (one.credentials, one.other, one.public) == (("X-Key",), (("X-Key", "eve"),), ("GET /menu",))
    assert workflow(credentials=["header:A", "header:B"], other="eve").credentials == ("A", "B")
    assert workflow(other="eve").other == "eve"
    plain = workflow()
    assert (plain.credentials, plain.other, plain.public) == ((), (), ())


def test_whether_and_with_whom_it_races() -> None:
    assert (workflow().races, workflow().races_with) == (True, ())
    assert workflow(races=False).races is False
    assert workflow(races_with="cancel").races_with == ("cancel",)
    assert workflow(races_with=["cancel", "deliver"]).races_with == ("cancel", "deliver")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"credentials": "Authorization"}, 'credentials is "header:NAME"'),
        ({"credentials": "cookie:session"}, 'credentials is "header:NAME"'),
        ({"other": "not a name"}, "other is a dict of headers or the name of a fixture"),
        ({"other": {}}, "other is a dict of headers or the name of a fixture"),
        ({"public": "GET /menu"}, "public is a list of steps"),
        ({"public": ["/menu"]}, "public is a list of steps"),
        ({"races": "no"}, "races is True or False"),
        ({"races_with": [""]}, "races_with is the name of a workflow"),
        ({"races_with": 3}, "races_with is the name of a workflow"),
    ],
)
def test_a_wrong_argument_is_told_with_the_right_way(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        workflow(**arguments)


def asked(other: Headers | str, gives: Any = None) -> Any:
    request = SimpleNamespace(getfixturevalue=lambda _name: gives)
    return _identity(
        SimpleNamespace(nodeid="t.py::t", _request=request), Workflow("t", "t", other=other)
    ).other


def test_a_fixture_is_asked_for_the_second_identity_in_each_run() -> None:
    assert asked("eve", {"Authorization": "Bearer of this run"}) == (("Authorization", "Bearer of this run"),)
    assert asked((("X-Key", "eve"),)) == (("X-Key", "eve"),)


def test_a_fixture_that_gives_no_headers_is_told() -> None:
    with pytest.raises(UsageError, match="it returned str, not headers") as raised:
        asked("eve", "a token")

    assert raised.value.slug == "other-identity"


def test_what_a_workflow_is_worth_may_stand_on_its_marker() -> None:
    said = {"revenue": 120_000, "cost_of_failure": 35.5, "frequency": 9_000, "currency": "EUR", "owner": "me"}

    assert workflow(risk="high", **said).stake == Stake(risk="high", **said, said_at=Place("t.py", 4))
    assert workflow().stake == Stake()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"revenue": "12"}, "revenue is a number that is not below 0, not '12'"),
        ({"frequency": -1}, "frequency is a number"),
        ({"cost_of_failure": True}, "cost_of_failure is a number"),
        ({"revenue": float("nan")}, "revenue is a number"),
        ({"owner": 3}, "owner is a text, not 3"),
    ],
)
def test_a_wrong_stake_is_told_with_the_right_way(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        workflow(**arguments)
