"""What happens when a workflow breaks: its findings, then a table for each crossing, in plain words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ripstop.model.trace import CLIENT, CONNECT
from ripstop.records.markdown import code, count, listed, table, text
from ripstop.records.outcome import Outcome, outcome
from ripstop.records.record import NOT_EXERCISED, TORN, UNKNOWN, Mode, Place, Record

_TRIES = {0: "each time"}
_UNTOLD = frozenset({"breaks", "delay_ms", "retry_after_s"})
_TESTS = 3
_EARLIER = 3
_HEADS = ("when", "the caller gets", "rows", "effects", "the same request again", "verdict", "test")


@dataclass(frozen=True, slots=True)
class Glossary:
    """A sentence for each fault, a title for each rule by its code, a sentence for each slug of a reason."""

    faults: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


def told(record: Record, numbers: Mapping[Place, int], glossary: Glossary) -> Iterator[str]:
    """Lines of the section. ``numbers`` are those of the diagram's arrows."""
    yield from ("", "## What happens when it breaks", "")
    if not record.modes:
        yield from ("Nothing was let happen yet: `ripstop explore`.", "")
        return
    yield from _findings(record, glossary)
    places = dict.fromkeys(mode.place for mode in record.modes)
    for place in places:
        modes = [mode for mode in record.modes if mode.place == place]
        yield from (f"### {_title(place, numbers.get(place), modes[0].protocol)}", "")
        rows = [_row(several, glossary, record) for several in _alike(modes, record.budget_ms)]
        yield from table(_HEADS, rows)
        yield ""
    yield from _legend(record, glossary)


def _findings(record: Record, glossary: Glossary) -> Iterator[str]:
    torn = record.happened(TORN)
    if not torn:
        yield from ("Whatever was let happen held.", "")
        return
    causes: dict[tuple[str, str], list[Mode]] = {}
    for mode in torn:
        causes.setdefault((mode.note, mode.reason), []).append(mode)
    yield from (f"It tears in {count(len(causes), 'way')}:", "")
    for (note, reason), modes in causes.items():
        where = list(
            dict.fromkeys(f"{_faults([mode], record.varied)} at {code(mode.operation)}" for mode in modes)
        )
        yield f"- **{_codes(note, glossary)}**: {text(reason)}. By {listed(where)}."
    yield ""


def _codes(note: str, glossary: Glossary) -> str:
    codes = [part for part in note.split() if part in glossary.rules]
    return listed([f"{one} {text(glossary.rules[one], 60)}" for one in codes]) or text(note, 60)


def _title(place: Place, number: int | None, protocol: str) -> str:
    step, seam, operation, nth = place
    numbered = f"{number}: " if number else ""
    if seam == CLIENT:
        return f"{numbered}The request itself: {code(step)}"
    if operation == CONNECT:
        return f"Connecting to {text(seam, 40)}, in {code(step)}"
    times = f", time {nth}" if nth > 1 else ""
    where = f"{code(operation)} at {text(seam, 40)} ({text(protocol, 40)}){times}"
    return f"{numbered}{where}" if number else f"Only when something broke: {where}"


def _alike(modes: Sequence[Mode], budget_ms: int) -> Iterator[list[Mode]]:
    """Those of one crossing that came to the same, torn ones first, those that did not happen last."""
    groups: dict[tuple[object, ...], list[Mode]] = {}
    for mode in modes:
        came_to: Outcome | str = mode.note
        if mode.mark != NOT_EXERCISED:
            came_to = outcome(mode, budget_ms)
        key = (mode.mark, mode.note, came_to, mode.tested_by, bool(mode.after))
        groups.setdefault(key, []).append(mode)
    rank = {TORN: 0, UNKNOWN: 1, NOT_EXERCISED: 3}
    yield from sorted(groups.values(), key=lambda several: rank.get(several[0].mark, 2))


def _row(several: Sequence[Mode], glossary: Glossary, record: Record) -> list[str]:
    first = several[0]
    when = _faults(several, record.varied)
    if first.after:
        earlier = list(dict.fromkeys(" and ".join(mode.after) for mode in several))
        more = [f"{len(earlier) - _EARLIER} more"] if len(earlier) > _EARLIER else []
        when += f" after {listed([*(text(one, 120) for one in earlier[:_EARLIER]), *more])}"
    if first.mark == NOT_EXERCISED:
        why = glossary.reasons.get(first.note, first.note)
        return [when, "", "", "", "", f"not exercised: {text(why)}", _tests(first)]
    came_to = outcome(first, record.budget_ms)
    return [
        when,
        came_to.caller,
        came_to.rows,
        came_to.effects,
        came_to.retry,
        _verdict(first, glossary),
        _tests(first),
    ]


def _faults(modes: Sequence[Mode], varied: Collection[tuple[Place, str]]) -> str:
    """Faults by name, each with the settings that tell its cases apart; how often, where that varies."""
    found: dict[str, dict[str, None]] = {}
    for mode in modes:
        settings = [str(value) for key, value in sorted(mode.params.items()) if key not in _UNTOLD]
        if mode.tries != 1 and (mode.place, mode.fault) in varied:
            settings.append(_TRIES.get(mode.tries, f"the first {mode.tries} times"))
        found.setdefault(mode.fault, {}).update({" ".join(settings): None} if settings else {})
    return ", ".join(
        f"{code(name)}{f' ({_settings(list(cases))})' if cases else ''}" for name, cases in found.items()
    )


def _settings(cases: Sequence[str]) -> str:
    return ", ".join(text(case, 60) for case in cases)


def _verdict(mode: Mode, glossary: Glossary) -> str:
    if mode.mark == TORN:
        return f"**torn**: {_codes(mode.note, glossary)}"
    advice = [part for part in mode.note.split() if part in glossary.rules]
    told = f", advised: {listed([text(glossary.rules[one], 60) for one in advice])}" if advice else ""
    return f"{text(mode.mark, 20)}{told}"


def _tests(mode: Mode) -> str:
    if not mode.tested_by:
        return "none"
    names = [code(test.rpartition("::")[2], 120) for test in mode.tested_by[:_TESTS]]
    more = f" and {len(mode.tested_by) - _TESTS} more" if len(mode.tested_by) > _TESTS else ""
    return f"{', '.join(names)}{more}"


def _legend(record: Record, glossary: Glossary) -> Iterator[str]:
    used = sorted({mode.fault for mode in record.modes})
    known = [(name, glossary.faults[name]) for name in used if glossary.faults.get(name)]
    if known:
        yield from ("### What each of these is", "")
        yield from (f"- {code(name)}: {text(sentence)}" for name, sentence in known)
        yield ""
