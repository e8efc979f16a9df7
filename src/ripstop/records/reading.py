"""Records out of what runs left: the documents ``ripstop-explored/1`` and ``ripstop-suite/1``.

Pure: JSON values in, records out. Entries that are not as documented are left out, never guessed at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from ripstop.model.survey import Stake
from ripstop.model.trace import CONNECT
from ripstop.records.record import Crossed, Mode, Record, Usual

Json = Mapping[str, Any]
_GUARDING = ("passed", "xfailed")
"""Outcomes of a test that guards something: it passes, or is known to fail until a finding is mended."""


def records(explored: Json, suite: Json, stakes: Mapping[str, Stake]) -> tuple[Record, ...]:
    """Every workflow that was explored, by name.

    ``stakes`` are looked up by node id (without parameters), by the workflow's name and by its steps; what
    the first of these leaves open, the next may say.
    """
    firings = list(_firings(suite))
    found = [
        _record(nodeid, entry, firings, stakes)
        for nodeid, entry in _mapping(explored.get("workflows")).items()
        if isinstance(entry, Mapping)
    ]
    return tuple(sorted(found, key=lambda record: (record.name, record.nodeid)))


def _record(nodeid: str, entry: Json, firings: Iterable[Json], stakes: Mapping[str, Stake]) -> Record:
    name = str(entry.get("workflow") or nodeid)
    steps = tuple(map(str, _list(entry.get("steps"))))
    crossings = tuple(_crossed(one) for one in _objects(entry.get("crossings")))
    modes = [_mode(one) for one in _objects(entry.get("cells"))]
    firings = list(firings)
    said = [stakes[key] for key in (nodeid.partition("[")[0], name, *steps) if key in stakes]
    return Record(
        nodeid,
        name,
        steps,
        crossings,
        tuple(_usual(one) for one in _objects(entry.get("usual"))),
        tuple(_guarded(mode, firings) for mode in _ordered(modes, steps, crossings)),
        _joined(said),
        str(entry.get("idempotency_key") or ""),
        _number(entry.get("budget_ms")),
    )


def _joined(said: Iterable[Stake]) -> Stake:
    joined = Stake()
    for stake in said:
        names = [one.name for one in fields(Stake) if getattr(joined, one.name) in (None, "")]
        joined = replace(joined, **{name: getattr(stake, name) for name in names})
    return joined


def _crossed(one: Json) -> Crossed:
    return Crossed(
        *_place(one),
        nth=_number(one.get("nth")) or 1,
        kind=str(one.get("kind", "")),
        tables=tuple(map(str, _list(one.get("tables")))),
        after_answer=bool(one.get("after_answer")),
        process=str(one.get("process") or ""),
        outcome=str(one.get("outcome", "")),
    )


def _usual(one: Json) -> Usual:
    status = one.get("status")
    return Usual(
        str(one.get("step", "")),
        status if isinstance(status, int) else None,
        _counts(one.get("rows")),
        _counts(one.get("effects")),
    )


def _mode(one: Json) -> Mode:
    return Mode(
        *_place(one),
        fault=str(one.get("fault", "")),
        nth=_number(one.get("nth")) or 1,
        tries=1 if one.get("tries") is None else _number(one.get("tries")),
        params=_mapping(one.get("params")),
        after=tuple(map(str, _list(one.get("with")))),
        mark=str(one.get("mark", "")),
        note=str(one.get("note", "")),
        reason=str(one.get("reason", "")),
        outcome=_mapping(one.get("outcome")),
        replay=str(one.get("replay") or ""),
    )


def _place(one: Json) -> tuple[str, str, str, str]:
    step, seam, protocol, operation = (str(one.get(k, "")) for k in ("step", "seam", "protocol", "operation"))
    return step, seam, protocol, operation


def _ordered(modes: Iterable[Mode], steps: Iterable[str], crossings: Iterable[Crossed]) -> list[Mode]:
    """In the order of the run without faults, then by fault: however the exploration went about it."""
    at = {crossed.place: number for number, crossed in reversed(list(enumerate(crossings)))}
    turn = {step: number for number, step in reversed(list(enumerate(steps)))}

    def rank(mode: Mode) -> tuple[Any, ...]:
        early = mode.place not in at and mode.operation in (CONNECT, mode.step)
        place = -1 if early else at.get(mode.place, len(at) + 1)
        named = sorted((str(key), str(value)) for key, value in mode.params.items())
        where = (turn.get(mode.step, len(turn)), place, mode.seam, mode.operation, mode.nth)
        return (*where, len(mode.after), mode.after, mode.fault, named, -mode.tries)

    return sorted(modes, key=rank)


def _firings(suite: Json) -> Iterator[Json]:
    """Every fault that fired in a test that guards something, with the test's node id."""
    for nodeid, test in _mapping(suite.get("tests")).items():
        if isinstance(test, Mapping) and test.get("outcome") in _GUARDING:
            yield from ({**one, "test": nodeid} for one in _objects(test.get("fired")))


def _guarded(mode: Mode, firings: Iterable[Json]) -> Mode:
    tests = {str(one["test"]) for one in firings if not mode.after and _same(mode, one)}
    return replace(mode, tested_by=tuple(sorted(tests)))


def _same(mode: Mode, fired: Json) -> bool:
    """Whether a test let this very thing happen. Settings that only one side names do not tell them apart."""
    named = (fired.get("step"), fired.get("seam"), fired.get("operation"), fired.get("fault"))
    settings = _mapping(fired.get("params"))
    shared = mode.params.keys() & settings.keys()
    here = (mode.step, mode.seam, mode.operation, mode.fault)
    return named == here and all(mode.params[key] == settings[key] for key in shared)


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[Json]:
    return [one for one in _list(value) if isinstance(one, Mapping)]


def _counts(value: object) -> dict[str, int]:
    return {str(key): number for key, number in _mapping(value).items() if isinstance(number, int)}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
