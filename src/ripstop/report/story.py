"""A finding as a short story: what was broken, what the caller saw, what stood, what the retry did.

Plain text in parts, without layout: terminal and page both tell it. The parts are not encoded
for any place; whoever shows them does that. Secrets are masked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ripstop.model.secrets import mask_text
from ripstop.model.verdict import Finding

_PAST = {"insert": "inserted", "update": "updated", "delete": "deleted", "truncate": "truncated"}
_FAILURES = {
    "timeout": "no answer within the budget",
    "dropped": "no answer: the connection was dropped",
    "departed": "hung up before the answer",
}
_EXCERPT = 90
_OTHERS = 6


@dataclass(frozen=True, slots=True)
class Story:
    """``heading`` names the rule, ``title`` says it in one sentence, ``parts`` are (label, text)."""

    code: str
    heading: str
    severity: str
    title: str
    parts: tuple[tuple[str, str], ...]
    replay: str


def story(finding: Finding) -> Story:
    """The story of a finding, from its own evidence alone."""
    shown = finding.evidence
    parts = [
        ("broke", _broke(finding)),
        ("caller", _caller(shown.get("answer")) if finding.plan.injections else ""),
        ("second", _caller(shown.get("second"))),
        ("stood", _stood(shown, "after_call") if finding.plan.injections else ""),
        ("retry", _retry(shown)),
        ("after", _after(shown)),
        ("source", _source(finding)),
    ]
    return Story(
        finding.rule.code,
        finding.rule.title,
        str(finding.severity),
        mask_text(finding.title),
        tuple((label, mask_text(text)) for label, text in parts if text),
        finding.replay,
    )


def _broke(finding: Finding) -> str:
    where = finding.crossing
    if not finding.plan.injections:
        return f"nothing: seen in the baseline at {where}"
    *before, last = finding.plan.injections
    text = f"{last}, in {where.step}" if where.step else str(last)
    text += f", after {', '.join(map(str, before))}" if before else ""
    others = [str(fault) for fault in finding.faults if fault != last.fault]
    if not others:
        return text
    more = f" and {len(others) - _OTHERS} more" if len(others) > _OTHERS else ""
    return f"{text} (also {', '.join(others[:_OTHERS])}{more})"


def _caller(answer: Any) -> str:
    """What the caller saw: the status and the beginning of the body, or why there was none."""
    if not isinstance(answer, Mapping):
        return ""
    if answer.get("failure"):
        return _FAILURES.get(str(answer["failure"]), str(answer["failure"]))
    body = " ".join(str(answer.get("body") or "").split())
    shown = body if len(body) <= _EXCERPT else body[: _EXCERPT - 1] + "…"
    return f"{answer.get('status')} {shown}".strip()


def _stood(shown: Mapping[str, Any], when: str) -> str:
    """Rows and effects at one moment, each beside the baseline's number where the two differ."""
    rows, happened = _counts(shown, "rows", when), _counts(shown, "effects", when)
    every = [counts for _, counts in (*rows, *happened)]
    if not any(counts.get(when) for counts in every):
        return "nothing" if "rows" in shown else ""
    if all(counts.get(when) == counts.get("expected") for counts in every):
        told = _listed(shown.get("values"), when)
        return f"as many as in the baseline, but {'; '.join(told)}" if told else "all as in the baseline"
    told = [_row(name, counts, when) for name, counts in rows]
    return "; ".join(told + [_effect(name, counts, when) for name, counts in happened])


def _listed(values: Any, when: str) -> list[str]:
    return list(values.get(when, ())) if isinstance(values, Mapping) else []


def _counts(shown: Mapping[str, Any], part: str, when: str) -> list[tuple[str, Mapping[str, int]]]:
    found = shown.get(part)
    if not isinstance(found, Mapping):
        return []
    return [
        (name, counts)
        for name, counts in found.items()
        if isinstance(counts, Mapping) and (counts.get(when) or counts.get("expected"))
    ]


def _row(name: str, counts: Mapping[str, int], when: str) -> str:
    kind, _, table = name.partition(" ")
    return f"{table}: {counts.get(when) or 'none'} {_PAST.get(kind, kind)}{_instead(counts, when)}"


def _effect(name: str, counts: Mapping[str, int], when: str) -> str:
    seam, _, kind = name.partition(" ")
    number = counts.get(when, 0)
    many = f"{number or 'no'} {kind}{'s' if number > 1 else ''}"
    return f"{seam}: {many}{_instead(counts, when)}"


def _instead(counts: Mapping[str, int], when: str) -> str:
    usual = counts.get("expected", 0)
    return "" if counts.get(when, 0) == usual else f" instead of {usual}"


def _retry(shown: Mapping[str, Any]) -> str:
    answer = _caller(shown.get("retry"))
    if not answer:
        return ""
    return f"{answer}, then {_stood(shown, 'after_retry')}"


def _after(shown: Mapping[str, Any]) -> str:
    texts = []
    if shown.get("died"):
        texts.append(f"the service died: {shown['died']}")
    if shown.get("recovery") is False:
        texts.append("a fresh run without faults failed")
    return "; ".join(texts)


def _source(finding: Finding) -> str:
    line = finding.source
    return f"{line}  {line.text.strip()}".rstrip() if line else ""
