"""Schemathesis: property-based requests from an OpenAPI document, judged by status, schema and state.

Its settings: all checks, all phases, stateful ones included, valid and broken data, the same seed on both
sides, a bound on how long an answer may take, and every case run on after a failure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

_SEED = "1"
_EXAMPLES = "100"
_FUZZING_S = "12"
_ANSWER_S = "1.0"
_GIVES_UP_S = "2.0"


def command(
    url: str, schema: Path, headers: Mapping[str, str], work: Path, tools: Mapping[str, str]
) -> Sequence[str]:
    given = [part for name, value in headers.items() for part in ("-H", f"{name}:{value}")]
    return [
        *(tools["schemathesis"], "run", str(schema), "--url", url, *given),
        *("--checks", "all", "--mode", "all", "--continue-on-failure", "--no-shrink"),
        *("--seed", _SEED, "--max-examples", _EXAMPLES, "--generation-database", "none"),
        *("--max-time", _FUZZING_S),
        *("--suppress-health-check", "all", "--warnings", "off", "--no-color"),
        *("--max-response-time", _ANSWER_S, "--request-timeout", _GIVES_UP_S),
        *("--report", "json", "--report-json-path", str(work / "report.json")),
    ]


def failures(work: Path) -> dict[str, int]:
    """How many distinct failures, by title and operation; network errors count as failures."""
    report = work / "report.json"
    if not report.exists():
        return {}
    told: dict[str, int] = {}
    read = json.loads(report.read_text())
    for one in [*read["failures"], *read["errors"]]:
        for operation in one.get("operations") or [""]:
            what = f"{one['title']} ({operation})"
            told[what] = told.get(what, 0) + int(one.get("count", 1))
    return told
