"""What a person says of workflows, laid on the routes it is about; what is about none is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches

from ripstop.model.survey import Route, Stake
from ripstop.scan.testing.matching import Router
from ripstop.scan.testing.nouns import Test

_VARIABLE = re.compile(r"\{[^}]*\}|:\w+|<[^>]*>")


@dataclass(frozen=True, slots=True)
class Laid:
    """Stakes by a route's operation, and what is to be said of those that fit none."""

    by_operation: Mapping[str, Stake]
    notes: tuple[str, ...] = ()


def lay(
    said: Mapping[str, Stake], tests: Iterable[Test], routes: Sequence[Route], points: Mapping[str, int]
) -> Laid:
    """Configuration goes before markers, and an operation before a name, field by field.

    A workflow's name, and a marker, mean the riskiest of the routes that the marked test calls;
    ``points`` are what the code suggests of each operation.
    """
    router = Router.of(routes)
    marked = [test for test in tests if test.workflow]
    named = {test.workflow: route for test in marked if (route := _riskiest(test, router, points))}
    found: dict[str, Stake] = {}
    notes = []
    by_shape = {_shape(route.operation): route for route in routes}
    for name, stake in sorted(said.items(), key=lambda one: _shape(one[0]) not in by_shape):
        route = by_shape.get(_shape(name)) or named.get(name)
        if route is None:
            notes.append(_unfit(name, stake, [*(r.operation for r in routes), *named]))
        else:
            found[route.operation] = joined(found.get(route.operation, Stake()), stake)
    for test in marked:
        route = named.get(test.workflow)
        if route is not None:
            found[route.operation] = joined(found.get(route.operation, Stake()), test.stake)
    return Laid(found, tuple(notes))


def joined(first: Stake, second: Stake) -> Stake:
    """The first, with what it leaves open from the second."""
    empty = Stake()
    given = {f.name: getattr(second, f.name) for f in fields(Stake)}
    missing = [name for name, value in given.items() if getattr(first, name) == getattr(empty, name)]
    return replace(first, **{name: given[name] for name in missing})


def _riskiest(test: Test, router: Router, points: Mapping[str, int]) -> Route | None:
    called = [route for asked in test.asked if (route := router.route(asked))]
    return max(called, key=lambda route: points.get(route.operation, 0), default=None)


def _shape(operation: str) -> str:
    """An operation without the names of its variables, which each framework writes its own way."""
    method, _, path = operation.partition(" ")
    return f"{method.upper()} {_VARIABLE.sub('{}', path).rstrip('/')}"


def _unfit(name: str, stake: Stake, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{stake.said_at}: no route or workflow {name!r} was found{hint}"
