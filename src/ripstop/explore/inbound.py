"""What is known of a workflow's own requests: their fields, the columns these end in, who asks.

Learned from the baseline: a field ends in a column where its value was committed there under its name,
or where it is too telling a value to be there by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from ripstop.explore.options import Options
from ripstop.explore.races import rivals
from ripstop.faults.inbound import Field, fields
from ripstop.model.experiment import Baseline
from ripstop.model.fault import Facts
from ripstop.model.http import Request
from ripstop.model.state import Change, ColumnRule
from ripstop.model.trace import CLIENT, CLOCK, Crossing, CrossingId, Kind, Trace
from ripstop.rig.inbound import credentials_of
from ripstop.rig.retrying import carries_key

_TELLING_CHARS = 4
_TELLING_NUMBER = 100
_SHORTEST_NAME = 3
_NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})


def inbound(baseline: Baseline) -> Trace:
    """The workflow's own requests as crossings of the caller's side."""
    return tuple(
        Crossing(CrossingId(step.name, CLIENT, step.name), CLIENT, Kind.CALL) for step in baseline.steps
    )


def informed(baseline: Baseline, known: Facts, crossing: Crossing, options: Options) -> Facts:
    """A seam's facts with what the baseline adds to them."""
    if crossing.protocol == CLOCK:
        return known
    known = replace(known, budget_ms=options.budget_ms, rivals=rivals(baseline, crossing))
    step = baseline.step(crossing.id.step)
    if crossing.id.seam != CLIENT or step is None or not step.exchange.answer.succeeded:
        return replace(known, other=())
    request, observed = step.exchange.request, step.observed
    return replace(
        known,
        request=request,
        carries_key=carries_key(request, baseline.idempotency_key),
        key=baseline.idempotency_key or "",
        columns=columns(request, observed.changes, known.rules),
        credentials=credentials_of(request, known.credentials, guess=not known.declared),
        leaves=bool(observed.changes or observed.effects),
    )


def columns(
    request: Request, changes: Iterable[Change], rules: Iterable[ColumnRule]
) -> Mapping[str, ColumnRule]:
    """The column that took each field's value, by the field's place; none for one that is not clear."""
    by_name = {(rule.table, rule.column): rule for rule in rules}
    written = [(by_name[place], text) for place, text in _written(changes) if place in by_name]
    found = ((one.place, _column(one, written)) for one in fields(request) if one.plain)
    return {place: rule for place, rule in found if rule is not None}


def _written(changes: Iterable[Change]) -> Iterator[tuple[tuple[str, str], str]]:
    """Every value that was put into a column."""
    for change in changes:
        for column, text in (change.new or {}).items():
            if text is not None and (change.old or {}).get(column) != text:
                yield (change.table, column), text


def _column(one: Field, written: list[tuple[ColumnRule, str]]) -> ColumnRule | None:
    took = list(dict.fromkeys(rule for rule, text in written if _same(one.value, text, rule.type)))
    for alike in (_named_as, _named_like):
        for rule in took:
            if alike(one.name, rule.column):
                return rule
    return took[0] if len(took) == 1 and _telling(one.value) else None


def _same(value: Any, text: str, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean" and text in (("t", "true") if value else ("f", "false"))
    if kind in _NUMBERS and isinstance(value, int | float | str):
        try:
            return Decimal(str(value)) == Decimal(text)
        except InvalidOperation:
            return False
    return isinstance(value, str) and value != "" and text == value


def _telling(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return abs(value) >= _TELLING_NUMBER
    return len(str(value)) >= _TELLING_CHARS


def _named_as(field: str, column: str) -> bool:
    return _plain(field) == _plain(column)


def _named_like(field: str, column: str) -> bool:
    one, other = _plain(field), _plain(column)
    return min(len(one), len(other)) >= _SHORTEST_NAME and (one.endswith(other) or other.endswith(one))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
