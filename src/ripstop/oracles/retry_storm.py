"""RS302: the service hammers a seam that is down: too often, too fast, or against its word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.plan import Injection
from ripstop.model.trace import Crossing
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles.reading import http_calls, own_phases, param

_PAGE = """\
## What it checks

Within one step, one operation at an external service is tried at most `retry_cap` times more than in
the baseline; three or more attempts keep a growing distance; and a `Retry-After` is obeyed. A worker
beside the service may try as long as its job is not done: nobody waits for it, so only its pace counts.

## Why it matters

A provider in trouble sees the traffic multiplied by every retry of every client, just when it can
bear it least, and stays down for longer. Attempts without a pause use up the caller's patience too.

## Example

```python
while True:
    try:
        return client.post("/v1/charges", json=charge)
    except httpx.HTTPError:
        continue
```

## What to do instead

Two or three attempts, exponential backoff with jitter, one deadline over all of them, and the
provider's own `Retry-After` where it sends one:

```python
@stamina.retry(on=httpx.TransportError, attempts=3, timeout=4.0)
def charge(...): ...
```
"""

RULE = Rule("RS302", "retry-storm", "retry storm", Severity.MEDIUM, _PAGE)

_TIGHT_MS = 10.0
_NO_PAUSE_MS = 2.0
_GROWTH = 1.5
_CLOCK_SLACK_MS = 50.0


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """Every operation at an http seam that was tried more often than in the baseline."""
    calls = http_calls(experiment.trace, *own_phases(experiment))
    if not calls:
        return None
    usual = http_calls(baseline.trace)
    for place, attempts in calls.items():
        extra = len(attempts) - len(usual.get(place, ()))
        reason = _storm(attempts, extra, baseline.retry_cap, experiment.fired)
        if reason:
            step, seam, operation = place
            shown = {
                "step": step,
                "seam": seam,
                "operation": operation,
                "attempts": len(attempts),
                "baseline": len(attempts) - extra,
                "gaps_ms": [round(gap, 1) for gap in _gaps(attempts)][:20],
            }
            return Verdict(RULE, Status.TORN, f"{operation} at {seam} was {reason}", shown)
    return Verdict(RULE, Status.HELD, "no operation was tried too often or too fast")


def _storm(attempts: Sequence[Crossing], extra: int, cap: int, fired: tuple[Injection, ...]) -> str:
    if extra > cap and not attempts[-1].process:
        return (
            f"tried {len(attempts)} times in one step, {extra} more than in the baseline (the cap is {cap})"
        )
    if extra <= 0:
        return ""
    if early := _too_early(attempts, fired):
        return early
    last = attempts[-(extra + 1) :]
    if len(last) >= 3 and _no_backoff(list(_gaps(last))):
        return f"tried {len(last)} times without backing off"
    return ""


def _gaps(attempts: Sequence[Crossing]) -> Iterator[float]:
    """Milliseconds between the end of one attempt and the start of the next."""
    return (
        max(0.0, later.at_ms - earlier.at_ms - earlier.duration_ms) for earlier, later in pairwise(attempts)
    )


def _no_backoff(gaps: Sequence[float]) -> bool:
    if max(gaps) >= _TIGHT_MS:
        return False
    growing = all(later >= earlier * _GROWTH for earlier, later in pairwise(gaps))
    return max(gaps) < _NO_PAUSE_MS or not growing


def _too_early(attempts: Sequence[Crossing], fired: tuple[Injection, ...]) -> str:
    for earlier, later, gap in zip(attempts, attempts[1:], _gaps(attempts), strict=False):
        asked = _retry_after_ms(earlier, fired)
        if asked is not None and gap + _CLOCK_SLACK_MS < asked:
            number = later.id.nth
            return f"sent again (#{number}) after {gap:.0f} ms where Retry-After asked for {asked:.0f} ms"
    return ""


def _retry_after_ms(crossing: Crossing, fired: tuple[Injection, ...]) -> float | None:
    """The Retry-After of a broken crossing, from the parameters of the fault that broke it."""
    if not crossing.outcome.startswith(("status:429", "status:503")):
        return None
    for injection in fired:
        if injection.matches(crossing.id):
            for name, scale in (("retry_after_s", 1000), ("retry_after", 1000), ("retry_after_ms", 1)):
                value = param(injection, name)
                if isinstance(value, int | float):
                    return float(value) * scale
    return None
