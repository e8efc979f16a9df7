"""RS201: the caller was told it failed, and part of it stays in the database."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.state import Change
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence
from ripstop.oracles.compare import Rows, rows
from ripstop.oracles.reading import (
    as_expected,
    before_broken,
    call_exchanges,
    known_steps,
    pending,
    protocol,
    worlds,
)

_PAGE = """\
## What it checks

After an error answer (or none), the committed rows are all of what the step writes, or nothing of it.
Tables declared as `journal` (audit log, attempts, idempotency records, outbox) may keep rows.

Where the acknowledgement of a COMMIT was lost, the service cannot know that it happened: rows of the
transactions up to that one are then excused.

## Why it matters

Half a change is read by everyone: stock without an order, an order nobody pays, a job that never ends.
The caller was told it failed, so nobody looks for it.

## Example

```python
with engine.begin() as first:
    first.execute(take_stock)
payments.charge(total)                  # refused: the caller gets a 503, the stock stays taken
with engine.begin() as second:
    second.execute(insert_order)
```

## What to do instead

Write what belongs together in one transaction. Where something else must happen in between, either
undo on failure, or write a state that says so ("pending") and have a job finish or undo it; then
declare that table as journal:

```toml
[tool.ripstop.seams.db]
journal = ["payment_attempts"]
```
"""

RULE = Rule("RS201", "partial-write", "partial write", Severity.HIGH, _PAGE)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """What is committed when the call is over, where its answer was not the baseline's."""
    failed = [e for e in call_exchanges(experiment) if not as_expected(e, baseline)]
    if not failed or not known_steps(experiment, baseline) or pending(experiment):
        return None
    actual = rows(experiment.after_call.changes, baseline)
    if actual in _whole(experiment, baseline):
        return Verdict(RULE, Status.HELD, "an error answer, and all of the rows or none of them")
    if _acknowledgement_lost(experiment, baseline) and actual in list(_prefixes(experiment, baseline)):
        return Verdict(RULE, Status.HELD, "only what a COMMIT wrote whose acknowledgement was lost")
    usual = rows(before_broken(experiment, baseline).changes, baseline)
    left, undone = actual - usual, usual - actual
    told = failed[0].answer.status or "no answer"
    many = evidence.count_of((left or undone).total(), "row change")
    summary = f"{failed[0].step} answered {told}, yet {many} stayed in {evidence.tables(left or undone)}"
    shown = {"left": evidence.listed_rows(left), "undone": evidence.listed_rows(undone)}
    return Verdict(RULE, Status.TORN, summary.replace("answered no answer", "got no answer"), shown)


def _whole(experiment: Experiment, baseline: Baseline) -> list[Rows]:
    return [rows(world.changes, baseline) for world in worlds(experiment, baseline)]


def _acknowledgement_lost(experiment: Experiment, baseline: Baseline) -> bool:
    return any(
        i.fault.name == "reply_lost" and protocol(i, experiment, baseline) == "postgres"
        for i in experiment.fired
    )


def _prefixes(experiment: Experiment, baseline: Baseline) -> Iterator[Rows]:
    """The rows after each of the broken step's transactions, in the baseline's order."""
    step = baseline.step(experiment.broken.step) if experiment.broken else None
    before = before_broken(experiment, baseline).changes
    mine = step.observed.changes if step else ()
    for last in sorted({change.transaction for change in mine}):
        yield rows((*before, *_until(mine, last)), baseline)


def _until(changes: tuple[Change, ...], last: int) -> tuple[Change, ...]:
    return tuple(change for change in changes if change.transaction <= last)
