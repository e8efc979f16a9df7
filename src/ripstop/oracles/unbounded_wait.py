"""RS102: a seam that hangs must not hang the caller, nor those who asked for something else."""

from __future__ import annotations

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles.reading import call_exchanges, protocol, step_down, waited

_PAGE = """\
## What it checks

While a seam hangs, the caller gets an answer within the budget (5 s unless configured), and an
unrelated request is still served. A provider that answers too late counts as hanging. A time-out of
the service's own that is as long as the budget bounds the wait: the answer that follows it counts.
An unrelated request that is served only once the hanging one is over was kept waiting as well, for as
long as that time-out: a handler that blocks its event loop, or a server that serves one at a time.
It weighs one step less.

With `hang` at a database seam the real backend waits, and a `statement_timeout` ends it. With `stall`
the network is dead and no server-side timeout arrives: only a timeout in the client does. A service
guarded by server-side timeouts alone holds the first and not the second; that is reported as advice.

## Why it matters

Most clients wait for ever by default. One slow provider then holds every worker, every pooled
connection and every lock they have taken, and a part's outage becomes the whole service's.

## Example

```python
requests.post(PAYMENTS_URL, json=charge)        # no timeout: waits until the other side gives up
```

## What to do instead

Give every call a timeout shorter than your caller's, and the database both a `statement_timeout`
and a timeout in the client:

```python
requests.post(PAYMENTS_URL, json=charge, timeout=(1, 3))
```

Answer 503 or 504 when it strikes. Never call with blocking I/O from an event loop.
"""

RULE = Rule("RS102", "unbounded-wait", "unbounded wait", Severity.HIGH, _PAGE)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """Whether every answer came in time, and the probe's too. Needs a fault that fired."""
    late = [e for e in call_exchanges(experiment) if e.answer.failure == "timeout"]
    blocked = experiment.probe is not None and experiment.probe.failure is not None
    if not experiment.fired or (not waited(experiment) and not late and not blocked):
        return None
    shown = {
        "budget_ms": baseline.budget_ms,
        "unanswered": [e.step for e in late],
        "probe": experiment.probe.failure if experiment.probe else None,
    }
    if blocked:
        summary = "one hanging crossing kept an unrelated request from being served"
        return Verdict(RULE, Status.TORN, summary, shown)
    if experiment.probe_kept and not late:
        summary = "one hanging crossing kept an unrelated request waiting until its own request was over"
        shown = {**shown, "probe": "kept"}
        return Verdict(RULE, Status.TORN, summary, shown, severity=step_down(RULE.severity))
    if not late:
        return Verdict(RULE, Status.HELD, "an answer came within the budget", shown)
    if _only_stalled(experiment, baseline):
        summary = (
            f"{late[0].step} was not answered within {baseline.budget_ms} ms on a dead network: "
            "server-side timeouts do not reach the service there, only a timeout in its client would"
        )
        return Verdict(RULE, Status.TORN, summary, shown, severity=Severity.ADVICE)
    cause = "a seam hung" if waited(experiment) else "nothing hung any longer"
    summary = f"{late[0].step} was not answered within {baseline.budget_ms} ms while {cause}"
    return Verdict(RULE, Status.TORN, summary, shown)


def _only_stalled(experiment: Experiment, baseline: Baseline) -> bool:
    waits = waited(experiment)
    return bool(waits) and all(
        i.fault.name == "stall" and protocol(i, experiment, baseline) == "postgres" for i in waits
    )
