"""A race as a test: one request held, the other sent, and what must stand for those who succeeded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ripstop.backfill.encode import Call, CannotRender, Merged, Raw, one_line
from ripstop.backfill.flow import Step
from ripstop.backfill.observed import Columns, Places, count_lines, stable, standing
from ripstop.model.experiment import Baseline
from ripstop.model.plan import Injection
from ripstop.model.verdict import Finding

_FRESH = Raw("str(uuid4())")
_ANY = "*"
_BODIES = ("json", "data")
Standing = Counter[tuple[str, Columns]]


def is_race(injection: Injection) -> bool:
    return injection.fault.name == "race"


def second(step: Step, injection: Injection, baseline: Baseline) -> Call:
    """The other request: the same, under a key of its own where another caller sends it.

    Raises CannotRender for a request of another workflow.
    """
    by = dict(injection.fault.params).get("by")
    if by == "same":
        return step.call
    if by != "another":
        raise CannotRender(f"its rival is a request of another workflow ({by})")
    where, _, name = (baseline.idempotency_key or "").partition(":")
    return replace(step.call, keywords=[_fresh(k, v, where, name) for k, v in step.call.keywords])


def _fresh(keyword: str, value: Any, where: str, name: str) -> tuple[str, Any]:
    """A keyword of the call, with another idempotency key where it carries one."""
    if where == "header" and keyword == "headers" and isinstance(value, Mapping):
        own = {k: _FRESH if k.lower() == name.lower() else v for k, v in value.items()}
        return keyword, own
    if where == "body" and name and keyword in _BODIES:
        if isinstance(value, Raw):
            return keyword, Merged(value.text, {name: _FRESH})
        if isinstance(value, dict) and name in value:
            return keyword, {**value, name: _FRESH}
    return keyword, value


def held(call: Call) -> Call:
    """The same request, sent by the block that holds it."""
    return replace(call, function=call.function.replace("service.", "held.", 1))


def answers() -> list[str]:
    """RS402: both answers are the service's own."""
    return ["    assert 500 not in (first.status_code, second.status_code)"]


def outcome(finding: Finding, baseline: Baseline, step: str, places: Places) -> list[str]:
    """As many succeed as one after the other, and what stands is theirs. Raises CannotRender."""
    most = finding.evidence.get("most")
    if most not in (1, 2):
        raise CannotRender("no order of the two is known to work")
    one = standing(baseline.until(step).changes, baseline)
    both = _listed(finding.evidence.get("both") or (), baseline) if most == 2 else Counter()
    head = "    done = [first.is_success, second.is_success].count(True)"
    lines = _for_one(one, places) if most == 1 else _for_either(one, both, places)
    if not lines:
        raise CannotRender("it left nothing that an assertion could name")
    return [head, "    assert done == 1" if most == 1 else "    assert done in (1, 2)", *lines]


def _for_one(one: Standing, places: Places) -> list[str]:
    return [line for (table, columns), n in one.items() for line in count_lines(table, columns, n, places)]


def _for_either(one: Standing, both: Standing, places: Places) -> list[str]:
    """Rows that stand for one who succeeded, and for two."""
    lines = []
    for table, columns in dict.fromkeys((*both, *one)):
        single, double = one[table, columns], both[table, columns]
        seam = places.seam(table)
        if seam is None:
            continue
        rows = f"len({one_line(Call(f'seams.{seam}.rows', [table], columns))})"
        if single == double:
            lines.append(f"    assert {rows} == {single}")
        elif double == 2 * single:
            lines.append(f"    assert {rows} == {'done' if single == 1 else f'{single} * done'}")
        else:
            lines.append(f"    assert {rows} == {{1: {single}, 2: {double}}}[done]")
    return lines


def _listed(rows: Sequence[Mapping[str, Any]], baseline: Baseline) -> Standing:
    """What stands after a serial order in which both succeed, from the finding's evidence."""
    types = {c.table: c.types for one in baseline.steps for c in one.observed.changes}
    found: Standing = Counter()
    for row in rows:
        if image := row.get("new"):
            known = {name: value for name, value in image.items() if value != _ANY}
            table = str(row["table"])
            found[table, stable(table, known, types.get(table, {}), baseline)] += int(row["times"])
    return found
