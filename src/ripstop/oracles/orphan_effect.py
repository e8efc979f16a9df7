"""RS203: the outside world was changed, and the database knows nothing of it."""

from __future__ import annotations

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence
from ripstop.oracles.compare import Rows, effects, rows
from ripstop.oracles.reading import before_broken, carries_key, known_steps, lacking

_PAGE = """\
## What it checks

Once the seam is healed and the request was sent again, no external effect (a charge, a reservation,
a mail) stands without the committed rows that belong to it, unless it was compensated (refunded,
released, withdrawn).

## Why it matters

A charge without an order is a customer who paid for nothing, found by the customer. The service
cannot even refund it: it has no record that it happened.

## Example

```python
charge = payments.charge(total)             # 4,200 cents are gone
db.execute(insert_order, charge.id)         # the connection is lost: error answer, no row
```

## What to do instead

Write the intent before the effect, under a key the effect carries; settle it afterwards. A retry or a
job then finds the intent and asks the provider what became of it. Or compensate when the write fails:

```python
order = db.execute(insert_pending, key)
charge = payments.charge(total, idempotency_key=key)
db.execute(mark_paid, order, charge.id)
```
"""

RULE = Rule("RS203", "orphan-effect", "orphan effect", Severity.CRITICAL, _PAGE)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """Effects of the broken step that stand at the end, against the rows that should stand with them."""
    step = baseline.step(experiment.broken.step) if experiment.broken else None
    if step is None or not step.observed.effects or not known_steps(experiment, baseline):
        return None
    usual_rows = rows(step.observed.changes, baseline)
    if not usual_rows:
        return None
    seen = experiment.after_retry or experiment.after_call
    before = effects(before_broken(experiment, baseline).effects, baseline)
    standing = effects(seen.effects, baseline) - before
    lost = lacking(seen, experiment, baseline)
    if not standing or not _orphaned(lost, usual_rows, experiment):
        return Verdict(RULE, Status.HELD, "every effect that stands has its rows")
    kinds = ", ".join(sorted({fact.kind for fact in standing}))
    many = evidence.count_of(standing.total(), "effect")
    then = "and no retry" if experiment.retry is None else "after heal and retry"
    verb = "stands" if standing.total() == 1 else "stand"
    summary = f"{many} ({kinds}) {verb} without rows in {evidence.tables(lost)} {then}"
    shown = {
        "standing": evidence.listed_effects(standing),
        "missing_rows": evidence.listed_rows(lost),
        "retry_carried_key": carries_key(experiment.retry, baseline),
    }
    return Verdict(RULE, Status.TORN, summary, shown)


def _orphaned(lost: Rows, usual: Rows, experiment: Experiment) -> bool:
    """All of the step's rows are missing; or some are, and the last answer was no success either."""
    last = experiment.retry or experiment.broken
    failed = last is None or not last.answer.succeeded
    return bool(lost) and (failed or lost.total() >= usual.total())
