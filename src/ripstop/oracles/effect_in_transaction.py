"""RS304: an external call while a transaction holds locks. Advice, seen where nothing is broken."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.trace import CLIENT, Crossing, Kind, Phase, Trace
from ripstop.model.verdict import Rule, Severity, Status, Verdict

_PAGE = """\
## What it checks

In the baseline, no call to an external service is made while a transaction of the service holds
uncommitted writes or row locks (`SELECT ... FOR UPDATE`). Advice: it breaks nothing by itself.

## Why it matters

The locks are held for as long as the provider takes. A provider that needs ten seconds blocks every
other request that touches those rows, uses up the pool, and the database looks like the culprit.

## Example

```python
with engine.begin() as connection:
    connection.execute(take_stock, product)       # the row is locked from here
    payments.charge(total)                        # ... for as long as this takes
    connection.execute(insert_order)
```

## What to do instead

Commit an intent first, make the call outside any transaction, then record its result in a second
one, under the same key:

```python
with engine.begin() as connection:
    order = connection.execute(insert_pending, key)
charge = payments.charge(total, idempotency_key=key)
with engine.begin() as connection:
    connection.execute(mark_paid, order, charge.id)
```
"""

RULE = Rule("RS304", "effect-in-transaction", "effect inside a transaction", Severity.ADVICE, _PAGE)

_LOCKING = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?(?:UPDATE|SHARE)\b", re.IGNORECASE)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """The baseline's trace; asked of controls only, since faults change nothing about it."""
    if experiment.plan.injections:
        return None
    found = list(_under_locks(baseline.trace))
    calls = [c for c in baseline.trace if _external(c)]
    if not calls:
        return None
    if not found:
        return Verdict(RULE, Status.HELD, "external calls are made outside transactions that hold locks")
    first, holders = found[0]
    shown = {
        "step": first.id.step,
        "seam": first.id.seam,
        "operation": first.id.operation,
        "holding": holders,
        "crossings": [str(crossing.id) for crossing, _ in found[:20]],
    }
    summary = (
        f"{first.id.operation} at {first.id.seam} is called while a transaction holds {', '.join(holders)}"
    )
    return Verdict(RULE, Status.TORN, summary, shown)


def _external(crossing: Crossing) -> bool:
    return crossing.protocol != CLIENT and crossing.kind is Kind.CALL and crossing.phase is Phase.CALL


def _under_locks(trace: Trace) -> Iterator[tuple[Crossing, list[str]]]:
    """Each external call made under locks, with what holds them."""
    locked: dict[tuple[str, int], str] = {}
    for crossing in trace:
        session = (crossing.id.seam, crossing.session)
        if crossing.kind in (Kind.COMMIT, Kind.ROLLBACK):
            locked.pop(session, None)
        elif crossing.in_transaction and _LOCKING.search(crossing.text):
            locked[session] = crossing.id.operation
        if _external(crossing):
            holders = list(dict.fromkeys((*crossing.open_writes, *locked.values())))
            if holders:
                yield crossing, holders
