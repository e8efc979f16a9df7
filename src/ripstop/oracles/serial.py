"""A race beside its serial orders: who succeeded, what stood, and what of it no order gives.

Pure and shared. A racer that was refused counts as not having run, whatever the reason it was given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ripstop.model.experiment import Baseline, Experiment, Race
from ripstop.model.http import Answer, Exchange
from ripstop.model.state import Observation
from ripstop.oracles import evidence
from ripstop.oracles.compare import Effects, Rows, effects, rows, same_answer

OWN = ("another", "same")
"""Rivals that send the workflow's own request."""


@dataclass(frozen=True, slots=True)
class World:
    """A state that an order of those who succeeded leaves. ``race`` is the order, None for the baseline."""

    rows: Rows
    effects: Effects
    race: Race | None = None


def judged(experiment: Experiment) -> Race | None:
    """The race of a record that can be judged: interleaved, and its serial orders known."""
    race = experiment.race
    return race if race and not race.order and race.began and race.serial else None


def step_of(race: Race) -> str:
    return race.first.step if race.first else ""


def succeeded(race: Race) -> tuple[bool, bool]:
    """Whether the first and the rival were told that it worked."""
    return tuple(bool(e and e.answer.succeeded) for e in (race.first, race.rival))  # type: ignore[return-value]


def left(race: Race, baseline: Baseline) -> World:
    """What a race left."""
    return _world(race.observed, baseline, race)


def allowed(race: Race, baseline: Baseline) -> list[World]:
    """Every state that those who succeeded may leave: in a serial order, or alone."""
    both = succeeded(race)
    found = [left(one, baseline) for one in race.serial if one.order != "instead" and succeeded(one) == both]
    if both == (True, False):
        found.append(_world(baseline.until(step_of(race)), baseline))
    elif both == (False, True):
        found += [left(one, baseline) for one in race.serial if one.order == "instead"]
    elif both == (False, False):
        found.append(_world(baseline.before(step_of(race)), baseline))
    return found


def _world(seen: Observation, baseline: Baseline, race: Race | None = None) -> World:
    return World(rows(seen.changes, baseline), effects(seen.effects, baseline), race)


def same_state(one: World, other: World) -> bool:
    return one.rows == other.rows and one.effects == other.effects


def same_told(race: Race, order: Race | None, baseline: Baseline) -> bool:
    """Whether those who succeeded were told the same as in a serial order.

    Another status of success is another promise, as 202 for what is still being done: not compared.
    """
    if order is None:
        return True
    usual = baseline.step(step_of(race))
    loose = usual.volatile_body if usual else frozenset()
    pairs = [(race.first, order.first)]
    pairs += [(race.rival, order.rival)] if race.by in OWN else []
    return all(_agree(one, other, loose) for one, other in pairs)


def _agree(one: Exchange | None, other: Exchange | None, loose: frozenset[str]) -> bool:
    if one is None or other is None or not (one.answer.succeeded and other.answer.succeeded):
        return True
    return one.answer.status != other.answer.status or same_answer(one.answer, other.answer, loose)


def nearest(race: Race, baseline: Baseline) -> World:
    """The state least unlike what the race left, of those that who succeeded may leave; else of any order."""
    mine = left(race, baseline)
    orders = [left(one, baseline) for one in race.serial if one.order != "instead"]
    return min(allowed(race, baseline) or orders, key=lambda world: _distance(mine, world))


def _distance(one: World, other: World) -> int:
    apart = (one.rows - other.rows, other.rows - one.rows)
    effects_apart = (one.effects - other.effects, other.effects - one.effects)
    return sum(c.total() for c in apart) + sum(c.total() for c in effects_apart)


def differing(one: World, other: World) -> list[str]:
    """The tables and kinds of effects in which two states differ."""
    facts = {fact.table for fact in (*(one.rows - other.rows), *(other.rows - one.rows))}
    kinds = (*(one.effects - other.effects), *(other.effects - one.effects))
    return sorted(facts | {f"{fact.seam} {fact.kind}" for fact in kinds})


def told(race: Race) -> str:
    """The two answers in words: ``first 201, second 409``."""
    return f"first {_said(race.first)}, second {_said(race.rival)}"


def _said(exchange: Exchange | None) -> str:
    if exchange is None:
        return "not sent"
    return str(exchange.answer.status or exchange.answer.failure)


def shown(race: Race, baseline: Baseline, world: World) -> dict[str, Any]:
    """What a race's verdict shows besides what all do: both answers, the orders, rows beside an order's."""
    found: dict[str, Any] = {"by": race.by, "step": step_of(race)}
    if race.first is not None:
        found["answer"] = evidence.answer(race.first.answer)
    if race.rival is not None:
        found["second"] = evidence.answer(race.rival.answer)
    if race.waited:
        found["waited"] = race.waited
    orders = (one for one in race.serial if one.order != "instead")
    both = next((one for one in race.serial if succeeded(one) == (True, True)), None)
    found["most"] = max((sum(succeeded(one)) for one in race.serial if one.order != "instead"), default=0)
    if both is not None:
        found["both"] = evidence.listed_rows(left(both, baseline).rows)
    found["orders"] = [f"{_ORDERS[one.order]}: {told(one)}" for one in orders]
    mine = left(race, baseline)
    found["rows"] = _beside(_kinds(world), _kinds(mine))
    found["effects"] = _beside(_effect_kinds(world), _effect_kinds(mine))
    apart = evidence.other_values(world.rows, world.effects, mine.rows, mine.effects)
    found["values"] = {"after_call": apart} if apart else {}
    return found


_ORDERS = {"after": "first, then second", "before": "second, then first"}


def _kinds(world: World) -> Counter[str]:
    counted: Counter[str] = Counter()
    for fact, times in world.rows.items():
        counted[f"{fact.kind} {fact.table}"] += times
    return counted


def _effect_kinds(world: World) -> Counter[str]:
    counted: Counter[str] = Counter()
    for fact, times in world.effects.items():
        counted[f"{fact.seam} {fact.kind}"] += times
    return counted


def _beside(usual: Counter[str], seen: Counter[str]) -> dict[str, dict[str, int]]:
    return {name: {"expected": usual[name], "after_call": seen[name]} for name in sorted({*usual, *seen})}


def racers(race: Race) -> Iterator[tuple[str, Exchange, list[Answer]]]:
    """Each racer's name and exchange, and what it is answered in the serial orders."""
    if race.first:
        yield "the first", race.first, [one.first.answer for one in race.serial if one.first]
    if race.rival:
        yield "the second", race.rival, [one.rival.answer for one in race.serial if one.rival]
