"""RS101: the answer is what a framework says when nobody caught the error, or there is none at all."""

from __future__ import annotations

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.http import Exchange
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence
from ripstop.oracles.bodies import has_traceback, is_bare
from ripstop.oracles.reading import from_broken

_PAGE = """\
## What it checks

While a seam is broken, the service still answers in its own words. Torn: a framework's bare `500`,
a traceback in the body, a connection dropped without an answer, or a process that died.
An error the service declares and maps itself (`503 {"error": "try_again"}`, also a `500` with a JSON
body of its own) is held.

## Why it matters

A bare 500 tells the caller nothing: not whether to retry, not whether the money moved. It also says
that no code of the service has thought about this failure, so nothing cleaned up after it either.

## Example

```python
@app.post("/orders")
async def place_order(order: Order) -> dict:
    await payments.charge(order.total)          # the provider resets the connection
    return {"id": await save(order)}            # httpx.ReadError reaches the framework: bare 500
```

## What to do instead

Catch the seam's own errors where the seam is used, undo or record what is half done, and answer
with a status and a body that say what the caller can do:

```python
except httpx.TransportError as error:
    raise HTTPException(502, {"error": "payment_unavailable", "retryable": True}) from error
```
"""

RULE = Rule("RS101", "unhandled-error", "unhandled error", Severity.MEDIUM, _PAGE)

_ANOTHER = "field_duplicate"
"""The fault that is in the request sent after the call, not in the call's own."""


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """Every answer of the call from the broken one on."""
    if experiment.died:
        return Verdict(
            RULE,
            Status.TORN,
            f"the service process died: {evidence.line(experiment.died)}",
            {"died": evidence.line(experiment.died)},
            severity=Severity.HIGH,
        )
    sent = from_broken(experiment)
    if any(i.fault.name == _ANOTHER for i in experiment.fired) and experiment.retry is not None:
        sent = (experiment.retry,)
    if not sent:
        return None
    for exchange in sent:
        if reason := unhandled(exchange, baseline):
            shown = {"step": exchange.step, "answer": evidence.answer(exchange.answer)}
            return Verdict(RULE, Status.TORN, f"{exchange.step} {reason}", shown)
    return Verdict(RULE, Status.HELD, "every answer was one the service gave itself")


def unhandled(exchange: Exchange, baseline: Baseline) -> str:
    """What is wrong with an answer that no code of the service chose; empty for any other."""
    usual = baseline.step(exchange.step)
    answer = exchange.answer
    if answer.failure == "dropped":
        return "got no answer: the connection was dropped"
    if usual is not None and answer.status == usual.exchange.answer.status:
        return ""
    if answer.status is not None and answer.status >= 400 and has_traceback(answer):
        return f"answered {answer.status} with a traceback"
    return "answered a bare 500 that no code of the service chose" if is_bare(answer) else ""
