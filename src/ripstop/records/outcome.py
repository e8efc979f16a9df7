"""What came of a fault in plain words: what the caller was answered, which rows and effects stood, the retry.

Markdown, from the evidence of an experiment. Values that differ from run to run (ids, times) are not told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ripstop.records import markdown
from ripstop.records.record import Mode

_BODY = 90
_FAILURES = {
    "timeout": "no answer",
    "dropped": "no answer: the connection was dropped",
    "departed": "nothing: the caller had hung up",
}
_VOLATILE = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{22}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.,+Z]*|\b(?=[a-zA-Z_]*\d)\w{12,}\b|0x[0-9a-f]+|\d{4,}"
)
_ID = re.compile(r"(^|_)(id|uuid|time|timestamp|trace|nonce)$|(Id|At|ID)$|_at$")
_PAST = {"insert": "inserted", "update": "updated", "delete": "deleted", "truncate": "truncated"}
_UNTOLD = "…"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Four cells of a table, as Markdown."""

    caller: str
    rows: str
    effects: str
    retry: str


def outcome(mode: Mode, budget_ms: int = 0) -> Outcome:
    """What came of a failure mode that happened."""
    seen = mode.outcome
    return Outcome(
        _answer(_mapping(seen.get("answer")), budget_ms),
        _rows(_mapping(seen.get("rows")), "after_call"),
        _effects(_mapping(seen.get("effects")), "after_call"),
        _retry(seen),
    )


def _answer(answer: Mapping[str, Any], budget_ms: int = 0) -> str:
    failure = answer.get("failure")
    if failure:
        within = f" within {budget_ms / 1_000:g} s" if failure == "timeout" and budget_ms else ""
        return f"{_FAILURES.get(str(failure), markdown.text(failure, 40))}{within}"
    status = answer.get("status")
    if not isinstance(status, int):
        return ""
    body = steady(str(answer.get("body") or "")) if status >= 400 else ""
    return f"{status} {markdown.code(body, _BODY)}".strip()


def steady(body: str) -> str:
    """A body without what differs from run to run: ids, times, long numbers.

    >>> steady('{"error": "gone", "id": 7}'), steady("order 8842 failed")
    ('{"error": "gone", "id": "…"}', 'order … failed')
    """
    try:
        return json.dumps(_steady(json.loads(body)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return _VOLATILE.sub(_UNTOLD, body)


def _steady(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {name: _steady(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_steady(one, key) for one in value]
    if isinstance(value, str):
        return _UNTOLD if _ID.search(key) else _VOLATILE.sub(_UNTOLD, value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return _UNTOLD if number and (_ID.search(key) or abs(value) >= 1_000) else value


def _rows(rows: Mapping[str, Any], when: str) -> str:
    told = [_row(name, counts, when) for name, counts in sorted(rows.items()) if _worth(counts, when)]
    if not any(isinstance(counts, Mapping) and counts.get(when) for counts in rows.values()):
        return "none"
    return "; ".join(told)


def _row(name: str, counts: Mapping[str, Any], when: str) -> str:
    kind, _, table = name.partition(" ")
    number, usual = counts.get(when) or 0, counts.get("expected") or 0
    instead = "" if number == usual else f" instead of {usual}" if usual else ", usually none stays"
    return f"{markdown.code(table, 60)}: {number} {markdown.text(_PAST.get(kind, kind), 20)}{instead}"


def _effects(effects: Mapping[str, Any], when: str) -> str:
    told = [_effect(name, counts, when) for name, counts in sorted(effects.items()) if _worth(counts, when)]
    return "; ".join(told) or "none"


def _effect(name: str, counts: Mapping[str, Any], when: str) -> str:
    seam, _, kind = name.partition(" ")
    number, usual = counts.get(when) or 0, counts.get("expected") or 0
    instead = f" instead of {usual}" if usual and number and number != usual else ""
    return (
        f"{markdown.text(seam, 40)}: {number or 'no'} {markdown.text(kind, 40)}{'s' * (number > 1)}{instead}"
    )


def _worth(counts: object, when: str) -> bool:
    return isinstance(counts, Mapping) and bool(counts.get(when) or counts.get("expected"))


def _retry(seen: Mapping[str, Any]) -> str:
    """What the same request, sent again once all is well, came to."""
    answer = _mapping(seen.get("retry"))
    if not answer:
        return "not needed" if _succeeded(_mapping(seen.get("answer"))) else ""
    told = _answer(answer)
    rows, effects = _mapping(seen.get("rows")), _mapping(seen.get("effects"))
    every = [counts for counts in (*rows.values(), *effects.values()) if isinstance(counts, Mapping)]
    if all(counts.get("after_retry") == counts.get("expected") for counts in every):
        return f"{told}, then all as usual"
    wrong_rows = {name: one for name, one in rows.items() if _off(one)}
    wrong = {name: one for name, one in effects.items() if _off(one)}
    parts = [_rows(wrong_rows, "after_retry")] if wrong_rows else []
    parts += [_effects(wrong, "after_retry")] if wrong else []
    return f"{told}, then {'; '.join(parts)}"


def _off(counts: object) -> bool:
    return isinstance(counts, Mapping) and counts.get("after_retry") != counts.get("expected")


def _succeeded(answer: Mapping[str, Any]) -> bool:
    status = answer.get("status")
    return isinstance(status, int) and status < 400


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
