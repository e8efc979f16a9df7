"""What the guard says as SARIF 2.1.0 (OASIS), for code-scanning pages.

A result's place is in the new revision, where a page can show it; the line before is a related location.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from ripstop.model.weakening import Guarded, Kind, Spot, Sure, Weakening
from ripstop.report.text import clean

_LEVELS = {Sure.SURE: "error", Sure.LIKELY: "warning", Sure.LOOK: "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(told: Guarded, version: str) -> dict[str, Any]:
    """One run with a rule for each kind; what was allowed is there as suppressed."""
    order = [kind.slug for kind in told.kinds]
    results = [_result(one, order) for one in (*told.failing, *told.looks)]
    for allowed in told.allowed:
        reason = {"kind": "external", "justification": clean(allowed.by.reason, 1_000)}
        results.append({**_result(allowed.weakening, order), "suppressions": [reason]})
    driver = {"name": "ripstop guard", "version": version, "rules": [_rule(kind) for kind in told.kinds]}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _rule(kind: Kind) -> dict[str, Any]:
    return {
        "id": kind.slug,
        "shortDescription": {"text": kind.title},
        "help": {"text": kind.page, "markdown": kind.page},
        "defaultConfiguration": {"level": "error"},
    }


def _result(one: Weakening, order: list[str]) -> dict[str, Any]:
    before = f"; before: {clean(one.before.text)}" if one.before.text else ""
    after = f"; after: {clean(one.after.text)}" if one.after.text else ""
    told: dict[str, Any] = {
        "ruleId": one.rule,
        "level": _LEVELS[one.sure],
        "message": {"text": f"{clean(one.test)}: {clean(one.why)} ({one.sure}){before}{after}"},
        "locations": [_place(one.after)],
        "relatedLocations": [{"id": 1, **_place(one.before), "message": {"text": "before"}}],
        "partialFingerprints": {"ripstopGuard/1": _print(one)},
    }
    if one.rule in order:
        told["ruleIndex"] = order.index(one.rule)
    return told


def _place(spot: Spot) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(spot.path, errors="replace")}}
    if spot.line > 0:
        place["region"] = {"startLine": spot.line}
    return {"physicalLocation": place}


def _print(one: Weakening) -> str:
    told = "\0".join((one.rule, one.test, one.before.text, one.after.text))
    return hashlib.sha256(told.encode(errors="replace")).hexdigest()[:32]
