"""RS301: the faults are off, and the service still does not work."""

from __future__ import annotations

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence

_PAGE = """\
## What it checks

After heal, a fresh run of the whole workflow without any fault is green, and the service leaves no
transaction open behind the failed call. Torn: a poisoned connection pool, a process that died and did
not come back, a lock that was leaked, a circuit breaker that never closes.

## Why it matters

The other side's outage of two seconds becomes yours until somebody restarts the service.

## Example

```python
connection = pool.getconn()
connection.execute(insert_order)            # raises
pool.putconn(connection)                    # never reached: one connection fewer, for ever
```

## What to do instead

Give everything back in a `with` or `finally`. Let the pool test or drop broken connections
(`pool_pre_ping=True`, `check=ConnectionPool.check_connection`). End every transaction on every path.
"""

RULE = Rule("RS301", "no-recovery", "no recovery", Severity.CRITICAL, _PAGE)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:  # noqa: ARG001
    """The fresh run after heal, and what the service left open."""
    left = tuple(evidence.line(text) for text in experiment.open_transactions)
    shown = {"open_transactions": list(left[:5]), "recovery_error": evidence.line(experiment.recovery_error)}
    if experiment.recovery is False:
        why = evidence.line(experiment.recovery_error).strip().splitlines()
        summary = "a fresh run without faults failed after heal" + (f": {why[-1]}" if why else "")
        return Verdict(RULE, Status.TORN, summary, shown)
    if left:
        many = evidence.count_of(len(left), "transaction")
        summary = f"the service left {many} open after heal: {left[0]}"
        return Verdict(RULE, Status.TORN, summary, shown, severity=Severity.HIGH)
    if experiment.died and experiment.recovery is None and experiment.retry is None:
        return Verdict(RULE, Status.TORN, "the service died and never came back", shown)
    if not experiment.fired:
        return None
    return Verdict(RULE, Status.HELD, "the service worked on after heal")
