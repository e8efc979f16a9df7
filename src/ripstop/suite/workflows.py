"""The ``workflow`` marker: which pytest items are workflows, and what they say of themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from ripstop.errors import UsageError
from ripstop.model.http import Headers
from ripstop.model.runner import Workflow
from ripstop.model.survey import Place, Stake

MARKER = (
    'workflow(name, *, risk="normal", idempotency_key=None, credentials=None, other=None, public=(), '
    "races=True, races_with=(), "
    "revenue=None, cost_of_failure=None, frequency=None, currency='', owner=''): "
    "a business action under test, green without faults; "
    'idempotency_key is "header:NAME" or "body:FIELD", credentials "header:NAME" or a list of them, '
    "other the headers of a second identity or the name of a fixture that returns them, "
    'public the steps anybody may take, as in "GET /products"; '
    "races False keeps it out of races, races_with names workflows to race it with; "
    "revenue and frequency (runs) are a month's, cost_of_failure that of one, in units of currency"
)
FIXTURES = frozenset({"service", "seams"})
_RISKS = ("low", "normal", "high", "critical")
_NUMBERS = ("revenue", "cost_of_failure", "frequency")
_TEXTS = ("currency", "owner")


def workflow_of(item: pytest.Item) -> Workflow | None:
    """The workflow an item is, None for an ordinary test. Raises UsageError for a wrong marker."""
    marker = item.get_closest_marker("workflow")
    if marker is None:
        return None
    known = {"name", "risk", "idempotency_key", "credentials", "other", "public", "races", "races_with"}
    known |= {*_NUMBERS, *_TEXTS}
    if unknown := sorted(set(marker.kwargs) - known):
        raise _wrong(item, f"unknown argument {unknown[0]!r}")
    name = marker.args[0] if marker.args else marker.kwargs.get("name", item.name)
    risk = marker.kwargs.get("risk", "normal")
    if risk not in _RISKS:
        raise _wrong(item, f"risk is one of {', '.join(_RISKS)}, not {risk!r}")
    path, line, _ = item.location
    stake = _stake(item, marker.kwargs, Place(path, (line or 0) + 1))
    key = _key(item, marker.kwargs.get("idempotency_key"))
    return Workflow(
        item.nodeid,
        str(name),
        risk,
        key,
        path,
        (line or 0) + 1,
        credentials=_credentials(item, marker.kwargs.get("credentials")),
        other=_other(item, marker.kwargs.get("other")),
        public=_public(item, marker.kwargs.get("public", ())),
        stake=stake,
        races=_races(item, marker.kwargs.get("races", True)),
        races_with=_races_with(item, marker.kwargs.get("races_with", ())),
    )


def uses_rig(item: pytest.Item) -> bool:
    """Whether a test asks for the service or its seams."""
    return bool(FIXTURES & set(getattr(item, "fixturenames", ())))


def _key(item: pytest.Item, key: object) -> str | None:
    if key is None:
        return None
    place, _, name = str(key).partition(":")
    if place not in ("header", "body") or not name:
        raise _wrong(item, f'idempotency_key is "header:NAME" or "body:FIELD", not {key!r}')
    return str(key)


def _credentials(item: pytest.Item, given: object) -> tuple[str, ...]:
    listed = given if isinstance(given, list | tuple) else [given] if given is not None else []
    names = [str(one).partition(":") for one in listed]
    if any(place != "header" or not name for place, _, name in names):
        raise _wrong(item, f'credentials is "header:NAME" or a list of such, not {given!r}')
    return tuple(name for _, _, name in names)


def _other(item: pytest.Item, given: object) -> Headers | str:
    if given is None or (isinstance(given, str) and given.isidentifier()):
        return given or ()
    if not isinstance(given, Mapping) or not given:
        raise _wrong(item, f"other is a dict of headers or the name of a fixture, not {given!r}")
    return tuple((str(name), str(value)) for name, value in given.items())


def _public(item: pytest.Item, given: object) -> tuple[str, ...]:
    if not isinstance(given, list | tuple) or any(" /" not in str(step) for step in given):
        raise _wrong(item, f'public is a list of steps such as "GET /products", not {given!r}')
    return tuple(str(step) for step in given)


def _races(item: pytest.Item, given: object) -> bool:
    if not isinstance(given, bool):
        raise _wrong(item, f"races is True or False, not {given!r}")
    return given


def _races_with(item: pytest.Item, given: object) -> tuple[str, ...]:
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) and one for one in listed):
        raise _wrong(item, f"races_with is the name of a workflow or a list of such, not {given!r}")
    return tuple(listed)


def _stake(item: pytest.Item, given: Mapping[str, Any], place: Place) -> Stake:
    for name in _NUMBERS:
        value = given.get(name)
        if value is not None and (isinstance(value, bool) or not _is_sum(value)):
            raise _wrong(item, f"{name} is a number that is not below 0, not {value!r}")
    for name in _TEXTS:
        if not isinstance(given.get(name, ""), str):
            raise _wrong(item, f"{name} is a text, not {given[name]!r}")
    said = {name: given[name] for name in (*_NUMBERS, *_TEXTS) if given.get(name) not in (None, "")}
    risk = str(given.get("risk", ""))
    return Stake(risk=risk, **said, said_at=place) if said or risk else Stake()


def _is_sum(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value < math.inf


def _wrong(item: pytest.Item, what: str) -> UsageError:
    return UsageError(
        "wrong-marker", f"@pytest.mark.workflow of {item.nodeid}: {what}", way_out=f"write it as {MARKER}"
    )
