"""From a request in a test to the route that answers it, by method and path alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ripstop.model.survey import Route
from ripstop.scan.hazards.asking import words
from ripstop.scan.testing.nouns import HOLE, Asked

ANY_METHOD = frozenset({"*", "ANY", "ALL"})
_LITERAL, _VARIABLE, _HOLE, _NO = 4, 2, 1, 0
"""What a segment adds. A hole may stand for a literal, as where a test has its resource as a parameter."""
_REST = re.compile(r"\{[^}]*:path\}|\{\*|\*")


@dataclass(frozen=True, slots=True)
class Router:
    """The routes, ready to be asked."""

    routes: tuple[Route, ...]
    _by_length: dict[int, list[tuple[Route, tuple[str, ...]]]] = field(default_factory=dict)
    _known: dict[tuple[str, str, str], Route | None] = field(default_factory=dict)

    @classmethod
    def of(cls, routes: Iterable[Route]) -> Router:
        """Routes by the number of their segments; those that take any rest are tried for all."""
        known = tuple(routes)
        by_length: dict[int, list[tuple[Route, tuple[str, ...]]]] = defaultdict(list)
        for route in known:
            segments = _segments(route.path)
            by_length[-1 if _REST.search(route.path) else len(segments)].append((route, segments))
        return cls(known, dict(by_length))

    def route(self, asked: Asked) -> Route | None:
        """The route that answers a request; the one with the most literal segments where several could.

        A path that begins with a hole, or that no route answers, is taken for the end of one; then it
        must be the end of one route only.
        """
        key = (asked.method, asked.path, asked.name)
        if key not in self._known:
            self._known[key] = self._found(asked)
        return self._known[key]

    def _found(self, asked: Asked) -> Route | None:
        if asked.name:
            return self._by_name(asked)
        wanted = _segments(asked.path)
        if not asked.path.startswith(HOLE):
            exact = self._best(asked.method, wanted, [*self._of_length(len(wanted)), *self._of_length(-1)])
            if exact is not None:
                return exact
        tail = wanted[1:] if wanted[:1] == (HOLE,) else wanted
        return self._ending(asked.method, tail) if any(one != HOLE for one in tail) else None

    def _of_length(self, length: int) -> list[tuple[Route, tuple[str, ...]]]:
        return self._by_length.get(length, [])

    def _best(
        self, method: str, wanted: tuple[str, ...], among: Sequence[tuple[Route, tuple[str, ...]]]
    ) -> Route | None:
        scored = [(s, route) for route, own in among if _takes(route, method) and (s := _score(own, wanted))]
        return max(scored, key=lambda one: one[0])[1] if scored else None

    def _ending(self, method: str, tail: tuple[str, ...]) -> Route | None:
        found: list[tuple[int, Route]] = []
        for length, several in self._by_length.items():
            if length < len(tail):
                continue
            ends = ((route, own[length - len(tail) :]) for route, own in several if _takes(route, method))
            found += [(s, route) for route, own in ends if (s := _score(own, tail, literal=True))]
        best = max((s for s, _ in found), default=0)
        ends_so = [route for s, route in found if s == best]
        shortest = min((len(_segments(route.path)) for route in ends_so), default=0)
        nearest = [route for route in ends_so if len(_segments(route.path)) == shortest]
        return nearest[0] if len(nearest) == 1 else None

    def _by_name(self, asked: Asked) -> Route | None:
        """A guess: the one route whose handler is called so, or whose path has just these words."""
        name = asked.name.rpartition(":")[2]
        takes = [route for route in self.routes if _takes(route, asked.method)]
        plain = re.sub(r"\W", "_", name).lower()
        called = [route for route in takes if route.handler.rpartition(".")[2].lower() == plain]
        meant = words(name) - _ROLES
        alike = called or [route for route in takes if meant and _static_words(route) == meant]
        if len(alike) > 1 and "detail" in words(name):
            alike = [route for route in alike if "{" in route.path]
        elif len(alike) > 1:
            alike = [route for route in alike if "{" not in route.path] or alike
        return alike[0] if len(alike) == 1 else None


_ROLES = frozenset({"list", "detail", "create", "update", "delete", "destroy", "retrieve", "api", "v"})


def _static_words(route: Route) -> frozenset[str]:
    return words(re.sub(r"\{[^}]*\}", "", route.path)) - _ROLES


def _takes(route: Route, method: str) -> bool:
    own = route.method.upper()
    return own in ANY_METHOD or own == method.upper()


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def _score(own: Sequence[str], wanted: Sequence[str], *, literal: bool = False) -> int:
    """How well a route's segments take a path's: 0 for not at all, more for each literal one.

    With ``literal``, or where a hole stands for one, at least one other segment must be the same.
    """
    points: list[int] = []
    rest = False
    for index, segment in enumerate(own):
        if rest := bool(_REST.match(segment)):
            break
        points.append(_segment(segment, wanted[index]) if index < len(wanted) else _NO)
        if points[-1] == _NO:
            return 0
    if not rest and len(own) != len(wanted):
        return 0
    if (literal or _HOLE in points) and _LITERAL not in points:
        return 0
    return 1 + sum(points)


def _segment(own: str, wanted: str) -> int:
    if "{" in own:
        fits = wanted.startswith(own.partition("{")[0]) and wanted.endswith(own.rpartition("}")[2])
        return _VARIABLE if wanted and (fits or HOLE in wanted) else _NO
    if own == wanted:
        return _LITERAL
    return _HOLE if wanted == HOLE and own else _NO
