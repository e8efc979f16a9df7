"""RS205: one request, sent again after a failure, wrote its rows twice."""

from __future__ import annotations

from collections import Counter

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.state import Observation
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence
from ripstop.oracles.compare import Rows, rows
from ripstop.oracles.reading import carries_key, expected, known_steps, retry_counts, step_down

_PAGE = """\
## What it checks

However often one request is sent after a lost or failed answer, it leaves the rows of one. Tables of
the declared journal may hold a row for each attempt. After a success only a request that carries its
idempotency key may be sent again. Without a declared key the finding weighs one step less.

## Why it matters

The acknowledgement of a COMMIT can be lost after the COMMIT happened. The service sees an error, the
caller sends the request again, and there are two orders to pack.

## Example

```python
try:
    await db.execute(insert_order)          # commits; the connection is lost before the answer
except ConnectionDoesNotExistError:
    await db.execute(insert_order)          # a second order
```

## What to do instead

Let the database refuse the second: store the caller's key under a unique constraint, in the same
transaction as the rows, and answer a repetition with the first result:

```sql
INSERT INTO orders (key, total) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING id
```
"""

RULE = Rule("RS205", "duplicate-write", "duplicate write", Severity.HIGH, _PAGE)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """Rows inserted beyond the baseline's, after the call and after a fair retry."""
    if experiment.broken is None or not known_steps(experiment, baseline):
        return None
    usual = inserts(rows(expected(experiment, baseline).changes, baseline))
    if not usual:
        return None
    if extra := _again(experiment.after_call, usual, baseline):
        return _torn(extra, usual, "with no retry of the caller's", None)
    if not retry_counts(experiment, baseline) or experiment.after_retry is None:
        return Verdict(RULE, Status.HELD, "no row was written twice")
    extra = _again(experiment.after_retry, usual, baseline)
    if not extra:
        return Verdict(RULE, Status.HELD, "the retry wrote no row again")
    if carries_key(experiment.retry, baseline):
        return _torn(extra, usual, "after a retry under the same idempotency key", None)
    note = "after one retry (the request carries no declared idempotency key)"
    return _torn(extra, usual, note, step_down(RULE.severity))


def inserts(found: Rows) -> Counter[str]:
    """How many rows each table has more."""
    counted: Counter[str] = Counter()
    for fact, times in found.items():
        counted[fact.table] += times * {"insert": 1, "delete": -1}.get(fact.kind, 0)
    return +counted


def _again(seen: Observation, usual: Counter[str], baseline: Baseline) -> Counter[str]:
    """Tables the baseline writes to that hold more new rows than the baseline's."""
    extra = inserts(rows(seen.changes, baseline)) - usual
    return Counter({table: times for table, times in extra.items() if usual[table]})


def _torn(extra: Counter[str], usual: Counter[str], when: str, severity: Severity | None) -> Verdict:
    parts = [
        f"{evidence.count_of(usual[table] + more, 'row')} in {table} where the baseline has {usual[table]}"
        for table, more in sorted(extra.items())
    ]
    shown = {"extra_rows": dict(sorted(extra.items()))}
    return Verdict(RULE, Status.TORN, f"{' and '.join(parts)}, {when}", shown, severity=severity)
