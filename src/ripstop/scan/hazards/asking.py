"""Questions about reaches and names that several reasons ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ripstop.model.survey import Reach, Sureness
from ripstop.model.trace import Kind
from ripstop.scan.code import Call

SQL = frozenset({"postgres", "mysql", "sqlite", "database", "mssql", "oracle"})
OWN = SQL | {"redis", "memcached", "cache"}
"""Stores of the service itself: what is written there is no effect on the outside world."""

_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ORDER = (Sureness.CERTAIN, Sureness.LIKELY, Sureness.GUESS)


def listed(text: str) -> frozenset[str]:
    """The words of a text, one space between them."""
    return frozenset(text.split())


def words(*names: str) -> frozenset[str]:
    """The words in identifiers, paths and operations, in lower case, plurals without their s.

    >>> sorted(words("createOrders", "/v1/charge_cards"))
    ['card', 'charge', 'create', 'order', 'v']
    """
    found = (piece.lower() for name in names for piece in _PIECE.findall(name) if not piece.isdigit())
    return frozenset(_singular(word) for word in found)


def is_external(reach: Reach) -> bool:
    """A call to somebody else's service."""
    return reach.protocol not in OWN and reach.kind in (Kind.CALL, Kind.WRITE)


def is_effect(reach: Reach) -> bool:
    """A call that changes the outside world."""
    return is_external(reach) and reach.effect


def is_write(reach: Reach) -> bool:
    """A statement that changes rows."""
    return reach.protocol in SQL and reach.kind is Kind.WRITE


def is_commit(reach: Reach) -> bool:
    return reach.protocol in SQL and reach.kind is Kind.COMMIT


def named(reach: Reach) -> str:
    """A crossing as people read it, with its line."""
    at = f" at {reach.target}" if is_external(reach) and reach.target not in ("", reach.operation) else ""
    return f"{reach.operation}{at} ({reach.place})"


def least(*sure: Sureness) -> Sureness:
    """The least sure of several claims that must all be true."""
    return max(sure, key=_ORDER.index)


def weaker(sure: Sureness) -> Sureness:
    """One step less sure: a name that suggests something on top of a claim."""
    return _ORDER[min(_ORDER.index(sure) + 1, len(_ORDER) - 1)]


def calls(found: Iterable[Call]) -> Iterator[Call]:
    """All calls, those made while others are open included."""
    waiting = list(found)[::-1]
    while waiting:
        call = waiting.pop()
        yield call
        waiting += call.block[::-1]


def transactions(reaches: Sequence[Reach]) -> list[list[Reach]]:
    """The writes, grouped by what commits them together.

    Writes up to a COMMIT belong to it; one outside any transaction, with no COMMIT to come, stands alone.
    """
    last_commit = max((i for i, reach in enumerate(reaches) if is_commit(reach)), default=-1)
    groups: list[list[Reach]] = []
    waiting: list[Reach] = []
    for index, reach in enumerate(reaches):
        if is_commit(reach) or (reach.protocol in SQL and reach.kind is Kind.ROLLBACK):
            groups += [waiting] if waiting else []
            waiting = []
        elif is_write(reach) and (reach.in_transaction or index < last_commit):
            waiting.append(reach)
        elif is_write(reach):
            groups.append([reach])
    return [*groups, waiting] if waiting else groups


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    plural = word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3
    return word[:-1] if plural else word
