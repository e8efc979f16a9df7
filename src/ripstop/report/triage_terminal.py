"""A triage for people: by cause, the evidence beside each failure, one line of what to do."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.secrets import mask_text
from ripstop.model.triage import Cause, Diagnosis, Triage
from ripstop.report.text import clean

_TITLES = {
    Cause.PRODUCT: "the product's fault",
    Cause.TEST: "the test's own fault",
    Cause.FLAKE: "fails now and then",
    Cause.ENVIRONMENT: "something around it is missing",
    Cause.UNDECIDED: "not decided",
}


def lines(found: Triage) -> Iterator[str]:
    """Every line, without its end."""
    for cause, title in _TITLES.items():
        of_cause = [one for one in found.diagnoses if one.cause is cause]
        if of_cause:
            yield f"{title} ({len(of_cause)})"
            for one in of_cause:
                yield from _one(one)
    yield from (f"note: {clean(note)}" for note in found.notes)
    number = len(found.diagnoses)
    yield f"{number} failure{'' if number == 1 else 's'}, {found.passed} passed, {found.skipped} skipped"


def _one(one: Diagnosis) -> Iterator[str]:
    doubt = "" if one.sure else ", likely"
    yield f"  {clean(one.failure.test)}  {one.name}{doubt}"
    yield from (f"      {clean(mask_text(line))}" for line in one.evidence)
    yield f"    → {clean(one.fix)}"
