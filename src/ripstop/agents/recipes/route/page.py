"""The filled recipe as Markdown: what an agent reads before it tests one route."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ripstop.agents.recipes.route.cases import cases
from ripstop.agents.recipes.route.facts import Facts, Told
from ripstop.agents.recipes.route.words import code, listed, said
from ripstop.model.state import ColumnRule
from ripstop.model.survey import Reach

_MOST = 15


def page(facts: Facts) -> str:
    """Everything known of a route, and what is asked for."""
    parts = (_route, _crossings, _rows, _fixtures, _experiments, _untested, _asked)
    lines = [f"# Test {code(facts.workflow.route.operation)}", ""]
    for part in parts:
        lines += [*part(facts), ""]
    return "\n".join(lines)


def _route(facts: Facts) -> Iterator[str]:
    one, route = facts.workflow, facts.workflow.route
    told_by = "the running application" if route.found_by == "import" else "its syntax"
    yield f"- {said(route.framework)}, handler {code(route.handler)} at {route.place}, told by {told_by}"
    if route.guards:
        yield f"- before it: {listed(route.guards)}"
    yield f"- risk {one.score}" + (f", said to be {said(one.stake.risk)}" if one.stake.risk else "")
    for hazard in one.hazards[:_MOST]:
        yield f"  - {said(hazard.reason)} ({hazard.sureness})"


def _crossings(facts: Facts) -> Iterator[str]:
    yield "## What it crosses, in order"
    yield ""
    for number, reach in enumerate(facts.reaches, 1):
        yield f"{number}. {_crossing(facts, reach)}"
    if not facts.reaches:
        yield "Nothing was read in its code."


def _crossing(facts: Facts, reach: Reach) -> str:
    seam = facts.seam(reach)
    where = f"seam {code(seam)}" if seam else f"{said(reach.protocol)}, no seam configured"
    notes = ["an effect outside"] * reach.effect + ["in a transaction"] * reach.in_transaction
    notes += ["in a loop"] * reach.in_loop + ["no time-out"] * (reach.timeout is False)
    notes += [f"caught by {listed(reach.caught)}"] if reach.caught else []
    notes += [f"{reach.sureness}"] * (reach.sureness != "certain")
    target = f" at {code(reach.target)}" if reach.target and reach.target not in reach.operation else ""
    more = f"; {', '.join(notes)}" if notes else ""
    return f"{code(reach.operation)}{target}, {where}, {reach.place}{more}"


def _rows(facts: Facts) -> Iterator[str]:
    yield "## Rows it writes"
    yield ""
    if not facts.tables:
        yield "None were read in its code."
        return
    yield f"As {said(facts.schema.origin)}:" if facts.schema.columns else f"{said(facts.schema.origin)}."
    for table in facts.tables:
        yield f"- {code(table)}" + ("" if facts.schema.of(table) else ": not found there")
        yield from (f"  - {_column(rule, live=facts.schema.live)}" for rule in facts.schema.of(table))
        for index in facts.schema.together(table):
            yield f"  - unique together: {listed(index.columns)} ({code(index.name)})"


def _column(rule: ColumnRule, *, live: bool) -> str:
    size = f"({rule.length})" if rule.length is not None else ""
    notes = [] if rule.nullable and not live else ["may be null" if rule.nullable else "not null"]
    notes += ["unique"] * rule.unique
    notes += [f"leads to {code(rule.references)}"] * bool(rule.references)
    notes += [code(one) for one in rule.checks]
    return ", ".join([f"{code(rule.column)} {said(rule.type)}{size}", *notes])


def _fixtures(facts: Facts) -> Iterator[str]:
    yield "## What is there already"
    yield ""
    yield "- `service`: a client of the running service, real servers behind it; `from ripstop import faults`"
    for seam in facts.config.seams.values() if facts.config else ():
        stand = f", stand-in {code(seam.double)}" if seam.double else ""
        yield f"- {code(f'seams.{seam.name}')}: {seam.protocol}{stand}"
    if facts.config is None:
        yield "- no `[tool.ripstop]` yet, so no seams: `ripstop init` writes it"
    yield from (f"- fixture {code(name)} in {said(path)}" for name, path in facts.fixtures[:_MOST])
    errors = set(facts.workflow.error_tests)
    for test in facts.workflow.tests[:_MOST]:
        yield f"- test {code(test)}" + (", takes an error path" if test in errors else "")
    if not facts.workflow.tests:
        yield "- no test calls this route"


def _experiments(facts: Facts) -> Iterator[str]:
    yield "## What experiments showed"
    yield ""
    if not facts.told:
        yield "Nothing is known: `ripstop explore` has not run here with a workflow that calls this route."
        return
    for one in facts.torn()[:_MOST]:
        replay = f"; `ripstop replay {said(one.replay)}`" if one.replay else ""
        yield f"- tore: {said(one.note)} under {_at(one)}: {said(one.reason)}{replay}"
    if not facts.torn():
        yield "- nothing tore"
    for mark, word in (("held", "held"), ("unknown", "undecided"), ("not exercised", "not exercised")):
        for where, faults in _by_place(facts, mark).items():
            yield f"- {word} at {code(where)}: {', '.join(faults)}"


def _at(one: Told) -> str:
    before = f" after {listed(one.after)}" if one.after else ""
    return f"{code(one.fault)} at {code(f'{one.seam}: {one.operation}')}{before}"


def _by_place(facts: Facts, mark: str) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for one in facts.told:
        if one.mark == mark and not one.after:
            found[f"{one.seam}: {one.operation}"][said(one.fault)] = None
    return {where: list(faults) for where, faults in found.items()}


def _untested(facts: Facts) -> Iterator[str]:
    modes = [one for one in facts.workflow.failure_modes if not one.tested_by]
    yield f"## Failures no test lets happen: {len(modes)} of {len(facts.workflow.failure_modes)}"
    yield ""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for mode in modes:
        mark = f" ({said(mode.explored)})" if mode.explored else ""
        found[mode.operation, str(mode.place)].append(f"{said(mode.fault)}{mark}")
    for (operation, place), faults in found.items():
        yield f"- {code(operation)} ({place}): {', '.join(faults)}"
    missed = [one for one in facts.workflow.exits if one.entered_by is not None and not one.entered_by]
    yield from (
        f"- nobody was seen to take {one.kind} {code(one.what)} at {one.place}" for one in missed[:_MOST]
    )


def _asked(facts: Facts) -> Iterator[str]:
    yield "## Cases: each one a test, or a reason"
    for case in cases(facts):
        yield ""
        yield f"- [ ] **{case.title}**. Test: ____ or reason: ____"
        yield from (f"  - {line}" for line in case.lines)
