"""The families of libraries, and which of them a call's last word may belong to."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Protocol, cast

from ripstop.model.survey import Reach
from ripstop.scan.code import Call, Codebase
from ripstop.scan.reaching import (
    django,
    documents,
    http,
    javascript,
    mail,
    providers,
    queues,
    redis,
    sql,
    sqlalchemy,
    storage,
    stripe,
)
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import last
from ripstop.scan.reaching.roles import Role


class Family(Protocol):
    """What each file offers. ``METHODS`` are the last words of the calls it may know something of."""

    METHODS: frozenset[str]

    def reaches(self, call: Call, code: Codebase) -> Iterator[Reach]:
        """The crossings that a call makes, their ``via`` left empty."""


class Planner(Family, Protocol):
    """A family whose statements are built before they are sent."""

    def knows(self, call: Call, code: Codebase) -> bool:
        """Whether a call is one of the family's."""

    def role(self, call: Call, code: Codebase) -> Role:
        """When what ``reaches`` tells of the call is sent."""

    def amended(self, reach: Reach, call: Call, code: Codebase) -> Reach:
        """A statement built before, with what the call adds to it."""


FAMILIES: tuple[ModuleType, ...] = (
    sql,
    sqlalchemy,
    django,
    javascript,
    http,
    stripe,
    providers,
    storage,
    mail,
    redis,
    queues,
    documents,
)
_PLANNERS = (sqlalchemy, django, javascript)


def _index() -> dict[str, tuple[Family, ...]]:
    found: dict[str, list[Family]] = {}
    for module in FAMILIES:
        family = cast("Family", module)
        for word in family.METHODS:
            found.setdefault(word.lower(), []).append(family)
    return {word: tuple(families) for word, families in found.items()}


_BY_WORD = _index()


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """Every crossing that a call makes, or prepares; its ``via`` is left empty.

    A call of the project's own function makes none itself, but where it hands it to a queue.
    """
    if call.target:
        yield from queues.reaches(call, code)
        return
    families = _BY_WORD.get(last(call.name).lower(), ())
    call = known(code).aliased(call) if families else call
    for family in families:
        found = tuple(family.reaches(call, code))
        if found:
            yield from found
            return


def planner(call: Call, code: Codebase) -> Planner | None:
    """The family that says when a call's statement is sent; None where that is at once."""
    for family in _BY_WORD.get(last(call.name).lower(), ()):
        if family in _PLANNERS and cast("Planner", family).knows(call, code):
            return cast("Planner", family)
    return None
