"""Portman: contract tests and broken variations made from an OpenAPI document, run as a Postman collection.

Its settings: every contract test that needs no key of its own, and for each operation the variations it
can make: required fields missing, numbers and texts past their bounds, each to be refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_EVERYWHERE = "*::/*"
_ANSWER_MS = 1_000
_GIVES_UP_MS = 2_000
_CONTRACT = ("statusSuccess", "contentType", "jsonBody", "schemaValidation", "headersPresent")
_REFUSED = "pm.test('a broken request is refused', () => pm.expect(pm.response.code).to.be.within(400, 499));"
_BROKEN = (
    "requiredFields",
    "minimumNumberFields",
    "maximumNumberFields",
    "minLengthFields",
    "maxLengthFields",
)


def command(
    url: str, schema: Path, headers: Mapping[str, str], work: Path, tools: Mapping[str, str]
) -> Sequence[str]:
    settings = work / "portman.json"
    settings.write_text(json.dumps(configuration(headers)))
    newman = {
        "reporters": ["json"],
        "reporter": {"json": {"export": str(work / "report.json")}},
        "timeoutRequest": _GIVES_UP_MS,
    }
    options = work / "newman.json"
    options.write_text(json.dumps(newman))
    return [
        *(tools["node"], tools["portman"], "--local", str(schema), "--baseUrl", url),
        *("--output", str(work / "collection.json"), "--portmanConfigFile", str(settings)),
        *("--runNewman", "--newmanOptionsFile", str(options)),
    ]


def configuration(headers: Mapping[str, str]) -> dict[str, Any]:
    """What Portman is told to test, and the credentials that every request carries."""
    fuzzing = {name: {"enabled": True} for name in _BROKEN}
    refused = {"extendTests": [{"tests": [_REFUSED]}]}
    return {
        "version": 1.0,
        "tests": {
            "contractTests": [
                {
                    "openApiOperation": _EVERYWHERE,
                    **{name: {"enabled": True} for name in _CONTRACT},
                    "responseTime": {"enabled": True, "maxMs": _ANSWER_MS},
                }
            ],
            "variationTests": [
                {
                    "openApiOperation": _EVERYWHERE,
                    "variations": [
                        {"name": "broken", "fuzzing": [{"requestBody": [fuzzing]}], "tests": refused}
                    ],
                }
            ],
        },
        "overwrites": [
            {
                "openApiOperation": _EVERYWHERE,
                "overwriteRequestHeaders": [
                    {"key": name, "value": value, "overwrite": True, "insert": True}
                    for name, value in headers.items()
                ],
            }
        ],
    }


def failures(work: Path) -> dict[str, int]:
    """Assertions that failed, by name and request."""
    report = work / "report.json"
    if not report.exists():
        return {}
    told: dict[str, int] = {}
    for failed in json.loads(report.read_text())["run"]["failures"]:
        name = failed["error"].get("test") or failed["error"]["name"]
        what = f"{name} ({failed.get('source', {}).get('name', '')})"
        told[what] = told.get(what, 0) + 1
    return told
