"""RS502: a request succeeds for a caller who did not say who asks, or who is somebody else."""

from __future__ import annotations

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.plan import Injection
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence, inbound
from ripstop.oracles.compare import same_answer
from ripstop.oracles.reading import param

_PAGE = """\
## What it checks

The workflow's own request is sent without its credentials, and, where the workflow names a second identity
(`other=`), with that one's. Torn:

- it succeeds and does its work, or gives away the same content as to the one who may have it;
- it is refused, yet rows changed or an effect happened.

Success with other content (an empty list, their own profile) is held. Without credentials a mere read, or a
request whose only sign of identity is a cookie, is advice until the workflow says where its credentials are:
`credentials="header:Authorization"`. Steps that anybody may take are named in `public=["POST /signup"]`.

A second identity is somebody who may neither see nor change what the workflow is about. It is tried at
requests whose path holds an id.

## Why it matters

Whoever finds the route reads and changes everybody's things, and the log shows nothing unusual.

## Example

```python
@app.post("/orders/{order_id}/cancel")
def cancel(order_id: int, user: CurrentUser):     # who it is does not matter below
    db.execute("UPDATE orders SET status = 'cancelled' WHERE id = %s", order_id)
```

## What to do instead

Guard whole routers, and let every query name the owner:

```python
"UPDATE orders SET status = 'cancelled' WHERE id = %s AND user_id = %s"      # no row: 404
```
"""

RULE = Rule("RS502", "open-door", "open door", Severity.CRITICAL, _PAGE)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """What was answered to the wrong caller, and what it left."""
    broke = inbound.altered(experiment)
    broken = experiment.broken
    if broke is None or broke.fault.name not in inbound.IDENTITY or broken is None:
        return None
    status = broken.answer.status
    if status is None:
        return None
    found = inbound.residue(experiment, baseline)
    who = inbound.sent(broke)
    usual = baseline.step(broken.step)
    as_ever = usual is not None and status == usual.exchange.answer.status
    if not as_ever and not 200 <= status < 300:
        if not found:
            return Verdict(RULE, Status.HELD, "refused, and nothing changed")
        return Verdict(
            RULE, Status.TORN, f"{broken.step} answered {status} to {who}, yet {found.phrase}", found.shown()
        )
    return _let_in(broke, found, who, experiment, baseline)


def _let_in(
    broke: Injection, found: inbound.Residue, who: str, experiment: Experiment, baseline: Baseline
) -> Verdict:
    assert experiment.broken is not None
    step, answer = experiment.broken.step, experiment.broken.answer
    usual = baseline.step(step)
    shown = {"answer": evidence.answer(answer), **found.shown()}
    told = f"{step} answered {answer.status} to {who}"
    if found:
        return Verdict(
            RULE, Status.TORN, f"{told}: {found.phrase}", shown, severity=_weight(broke, wrote=True)
        )
    reads = usual is not None and not (usual.observed.changes or usual.observed.effects)
    if usual and reads and same_answer(answer, usual.exchange.answer, usual.volatile_body):
        summary = f"{told}, with the same content"
        return Verdict(RULE, Status.TORN, summary, shown, severity=_weight(broke, wrote=False))
    return Verdict(RULE, Status.HELD, "answered, with nothing of what is somebody else's")


def _weight(broke: Injection, *, wrote: bool) -> Severity | None:
    """Advice where the workflow did not say that the request needs credentials and it may well not."""
    if broke.fault.name == "other_credentials" or param(broke, "declared"):
        return None
    names = str(param(broke, "headers") or "").split(",")
    return None if wrote and any(name != "cookie" for name in names) else Severity.ADVICE
