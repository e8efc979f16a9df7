"""Who races a step, and with which request: another caller's, the same one again, another workflow's.

A request of another workflow was recorded in a run of its own. What it took from its own earlier answers is
led to what the raced workflow was given at the same place; nothing else of it is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from ripstop.faults.inbound import fields, path_ids, path_value, with_fresh_key, with_path, with_value
from ripstop.model.http import Exchange, Request
from ripstop.model.plan import Injection, Plan
from ripstop.rig.contest import Rival

ANOTHER, SAME = "another", "same"
Recorded = Callable[[str], Sequence[Exchange] | None]
"""The requests and answers of a workflow's own run, by its name; the last is the one to race with.

None for a workflow that was not collected.
"""


def racing(plan: Plan) -> Injection | None:
    """The injection that asks for a race, None in any other plan."""
    return next((i for i in plan.injections if i.fault.name == "race"), None)


def rival(injection: Injection, key: str, recorded: Recorded) -> Rival:
    """Who races the step of an injection. ``key`` is where the workflow's idempotency key is."""
    by = str(dict(injection.fault.params).get("by", ANOTHER))
    step = injection.crossing.step
    if by == SAME:
        return Rival(by, step, lambda request, _: request)
    if by == ANOTHER:
        return Rival(by, step, lambda request, _: with_fresh_key(request, key))
    theirs = recorded(by)
    if theirs is None:
        return Rival(by, by, lambda *_: None, f"no collected workflow is called {by!r}")
    if not theirs:
        return Rival(by, by, lambda *_: None, f"the workflow {by!r} changes nothing")
    return Rival(by, theirs[-1].step, lambda first, earlier: with_fresh_key(led(theirs, first, earlier), key))


def led(theirs: Sequence[Exchange], first: Request, earlier: Sequence[Exchange]) -> Request:
    """The last of a workflow's requests, its values those of the run that it is to race in.

    A value comes from there where their run took it from an earlier answer, or a path has it at the same
    place of the same beginning, as in ``/orders/7/cancel`` and ``/orders/9/pay``.
    """
    request = theirs[-1].request
    mine = {one.step: one for one in earlier}
    values: dict[str, Any] = {}
    for one in theirs[:-1]:
        if one.step in mine:
            values |= _paired(one.answer.json(), mine[one.step].answer.json())
    for place in path_ids(request):
        value = path_value(request, place)
        other = values.get(str(value), _beside(request, first, place))
        if other is not None:
            request = with_path(request, place, str(other))
    for field in fields(request):
        if field.plain and str(field.value) in values and not isinstance(field.value, bool | None):
            request = with_value(request, field.place, values[str(field.value)]) or request
    return _with_target(request, values)


def _paired(theirs: Any, mine: Any) -> dict[str, Any]:
    """Each value of their answer and the one at its place in mine, where both are plain and differ."""
    if isinstance(theirs, dict) and isinstance(mine, dict):
        return {
            k: v for key in theirs.keys() & mine.keys() for k, v in _paired(theirs[key], mine[key]).items()
        }
    if isinstance(theirs, list) and isinstance(mine, list):
        return {k: v for pair in zip(theirs, mine, strict=False) for k, v in _paired(*pair).items()}
    plain = isinstance(theirs, str | int) and isinstance(mine, str | int)
    return {str(theirs): mine} if plain and theirs != mine and theirs != "" else {}


def _beside(request: Request, first: Request, place: str) -> str | None:
    """The id that the first request has at the same place of a path that begins the same way."""
    index = int(place.removeprefix("path:"))
    if request.path.split("/")[:index] != first.path.split("/")[:index] or place not in path_ids(first):
        return None
    return path_value(first, place)


def _with_target(request: Request, values: dict[str, Any]) -> Request:
    """Values of the query led as well."""
    path, mark, query = request.target.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")] if mark else []
    shown = [f"{n}{e}{quote(str(values[v]), safe='')}" if v in values else f"{n}{e}{v}" for n, e, v in pairs]
    return replace(request, target=f"{path}?{'&'.join(shown)}") if mark else request
