"""The door of this room: runs in, a diagnosis for every failure out. The first rule that knows it names it.

What the runs themselves prove goes first (a test that also passed is a flake), then what is missing around
the product, then the test's own mistakes; the product is blamed last, for what reached it.
"""

from __future__ import annotations

from pathlib import Path

from ripstop.model.triage import Cause, Diagnosis, Run, Triage
from ripstop.triage.context import Context, contexts
from ripstop.triage.rules import environment, flaky, product, test_code

_RULES = (flaky.diagnose, environment.diagnose, test_code.diagnose, product.diagnose)


def triage(root: Path, runs: list[Run]) -> Triage:
    """Every failure of some runs of the same tests; the first is the ordinary one."""
    first = runs[0].outcomes.values() if runs else ()
    states = [one.state for one in first]
    return Triage(
        tuple(diagnosed(one) for one in contexts(root.resolve(), runs)),
        states.count("passed"),
        states.count("skipped"),
        tuple(run.how or f"run {number}" for number, run in enumerate(runs, 1)),
    )


def diagnosed(context: Context) -> Diagnosis:
    for rule in _RULES:
        if found := rule(context):
            return found
    return Diagnosis(
        context.failure,
        Cause.UNDECIDED,
        "not-known",
        (context.failure.message or "nothing was said",),
        "read the failure: no rule knows it",
        sure=False,
    )
