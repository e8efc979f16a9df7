"""What a request passes through: the functions on its way, and their ways out that are no success."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from ripstop.model.survey import Exit, Route
from ripstop.scan.code import Call, Codebase, Function
from ripstop.scan.reaching.known import known

MOST_FUNCTIONS = 400
"""A way with more is followed up to here: nearer calls first."""


def on_the_way(route: Route, code: Codebase) -> tuple[Function, ...]:
    """The handler and the project's own functions it can call, nearest first, each once."""
    return _reached([route.handler], code)


def before(route: Route, code: Codebase) -> tuple[Function, ...]:
    """The guards of a route and what they call, without what the handler itself calls."""
    own = {one.name for one in on_the_way(route, code)}
    names = [one for guard in route.guards for one in (guard, *known(code).wrappers(guard))]
    return tuple(one for one in _reached(names, code) if one.name not in own)


def exits(functions: Iterable[Function]) -> tuple[Exit, ...]:
    """All their exits, each line's once, in order of functions and of lines."""
    found = (way_out for function in functions for way_out in sorted(function.exits, key=_line))
    return tuple({(one.kind, one.place.path, one.place.line): one for one in found}.values())


def _line(way_out: Exit) -> int:
    return way_out.place.line


def _reached(names: Iterable[str], code: Codebase) -> tuple[Function, ...]:
    found: dict[str, Function] = {}
    waiting = deque(names)
    while waiting and len(found) < MOST_FUNCTIONS:
        function = code.functions.get(name := waiting.popleft())
        if function is None or name in found:
            continue
        found[name] = function
        waiting += _targets(function.calls)
    return tuple(found.values())


def _targets(calls: Iterable[Call]) -> list[str]:
    """The project's own functions that some calls lead to, the calls inside open ones included."""
    found: list[str] = []
    waiting = list(calls)[::-1]
    while waiting:
        call = waiting.pop()
        if call.target:
            found.append(call.target)
        waiting += call.block[::-1]
    return found
