"""A triage as JSON, in the schema that docs/guides/triage.md describes: ``ripstop-triage/1``."""

from __future__ import annotations

from collections import Counter

from ripstop.model.secrets import mask_text
from ripstop.model.triage import Diagnosis, Triage

SCHEMA = "ripstop-triage/1"


def document(found: Triage) -> dict[str, object]:
    causes = Counter(str(one.cause) for one in found.diagnoses)
    return {
        "schema": SCHEMA,
        "runs": list(found.runs),
        "passed": found.passed,
        "skipped": found.skipped,
        "causes": dict(sorted(causes.items())),
        "failures": [_failure(one) for one in found.diagnoses],
        "notes": list(found.notes),
    }


def _failure(one: Diagnosis) -> dict[str, object]:
    return {
        "test": one.failure.test,
        "during": one.failure.during,
        "error": one.failure.error,
        "message": mask_text(one.failure.message),
        "cause": str(one.cause),
        "rule": one.name,
        "sure": one.sure,
        "evidence": [mask_text(line) for line in one.evidence],
        "fix": one.fix,
    }
