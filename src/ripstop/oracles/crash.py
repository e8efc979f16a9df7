"""RS601: the process was gone or stood still for a while, and one request did not end as one."""

from __future__ import annotations

from dataclasses import replace

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import duplicate_effect, duplicate_write, no_convergence, orphan_effect
from ripstop.oracles.reading import STRIKES

_PAGE = """\
## What it checks

The service's process is killed between two crossings (`killed`), told to end in the middle of a request
(`terminated`) or stands still until its caller has given up (`paused`). It is started again, and the
caller sends its request again, as callers do. Torn: an effect or a row twice (as RS204, RS205), an effect
without its rows (RS203), or a retry that does not reach the end of an undisturbed run (RS206).

Where an ordinary failure tears the same step in the same way, that finding tells it and names the crash
among its faults.

## Why it matters

No handler runs in a process that was killed. What was done at the other side stands, what was only in
memory is gone, and the next process knows nothing of it.

## Example

```python
charge = payments.charge(total)             # done at the provider
orders.insert(charge.id)                    # the process is killed before this line
```

The caller tries again and pays twice, or is told "already paid" for an order that is nowhere.

## What to do instead

Commit the intention before the effect, under the caller's key; let the same request find it, ask the
provider under the same key again, and finish what is not done:

```python
attempt = attempts.begin(key)                               # INSERT ... ON CONFLICT DO NOTHING, committed
charge = payments.charge(total, idempotency_key=attempt.key)
orders.insert_once(key, charge.id)
```
"""

RULE = Rule("RS601", "crash", "crash loses or doubles", Severity.CRITICAL, _PAGE)
_AFTERMATH = (duplicate_effect.check, duplicate_write.check, orphan_effect.check, no_convergence.check)


def strikes(experiment: Experiment) -> bool:
    """Whether a fault struck the process itself in this record."""
    return any(injection.fault.name in STRIKES for injection in experiment.fired)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """What the retry came to after the restart; ``as`` in the evidence is the rule that saw it."""
    if not strikes(experiment):
        return None
    verdicts = [verdict for rule in _AFTERMATH if (verdict := rule(experiment, baseline))]
    for verdict in verdicts:
        if verdict.status is Status.TORN:
            summary = f"after the process was {experiment.fired[0].fault.name}: {verdict.summary}"
            shown = {**verdict.evidence, "as": verdict.rule.code}
            return replace(verdict, rule=RULE, summary=summary, evidence=shown, severity=verdict.weight)
    if not verdicts:
        return None
    return Verdict(RULE, Status.HELD, "one request ended as one, across the restart")
