"""RS303: the other side has said no for good, and is asked again."""

from __future__ import annotations

from collections.abc import Sequence

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.trace import Crossing, Phase
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles.reading import http_calls, own_phases

_PAGE = """\
## What it checks

After a decline or another 4xx of an external service, the same operation is not sent again in the
same step. A worker may ask again once what was wrong there is mended, though not after a decline.
408, 425 and 429 may be sent again, and so may a request after 401 once something else was
called in between (a fresh token). A refusal that came too late or was lost on its way does not count.

## Why it matters

A declined card stays declined; asking again looks like card testing, costs a fee at some providers,
and gets accounts blocked. Meanwhile the caller waits for an answer that was there at once.

## Example

```python
@retry(stop=stop_after_attempt(5))          # retries on every exception
def charge(...):
    response = client.post("/v1/charges", ...)
    response.raise_for_status()             # 402 card_declined: four more times
```

## What to do instead

Retry what may pass: connection errors, 408, 425, 429, 5xx. Map the rest to an answer at once.
"""

RULE = Rule("RS303", "retried-permanent", "retried the permanent", Severity.MEDIUM, _PAGE)

_PASSING = frozenset({408, 425, 429})
_UNHEARD = ("late_reply", "reply_lost", "truncated")
"""Faults that keep a refusal from the service: whoever did not hear it may well ask again."""


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """Every operation that was refused for good, and how often it was sent after that."""
    calls = http_calls(experiment.trace, *own_phases(experiment))
    usual = http_calls(baseline.trace)
    refused = {place: first for place, sent in calls.items() if (first := _first_refusal(sent)) is not None}
    if not refused or not experiment.fired:
        return None
    for place, first in refused.items():
        sent = _unmended(calls[place], calls[place][first])
        more = len(sent) - len(usual.get(place, ()))
        if more > 0 and first < len(sent) - 1 and not _renewed(sent[first], sent[first + 1], experiment):
            step, seam, operation = place
            after = len(sent) - 1 - first
            times = "once more" if after == 1 else f"{after} times more"
            shown = {"step": step, "seam": seam, "operation": operation, "attempts": len(sent)}
            summary = f"{operation} at {seam} was sent {times} after {_said(sent[first])}"
            return Verdict(RULE, Status.TORN, summary, shown)
    return Verdict(RULE, Status.HELD, "what was refused for good was not sent again")


def _first_refusal(sent: Sequence[Crossing]) -> int | None:
    return next((index for index, crossing in enumerate(sent) if _permanent(crossing)), None)


def _unmended(sent: Sequence[Crossing], refusal: Crossing) -> Sequence[Crossing]:
    """What was sent while the refusal stood: an injected one ends with its fault, a decline does not."""
    if not refusal.fault or refusal.fault.startswith("declined"):
        return sent
    return [crossing for crossing in sent if crossing.phase is Phase.CALL]


def _permanent(crossing: Crossing) -> bool:
    if crossing.fault.startswith(_UNHEARD):
        return False
    if crossing.fault.startswith("declined"):
        return True
    status = _status(crossing)
    return 400 <= status < 500 and status not in _PASSING


def _status(crossing: Crossing) -> int:
    kind, _, number = crossing.outcome.partition(":")
    return int(number) if kind == "status" and number.isdigit() else 0


def _renewed(refusal: Crossing, after: Crossing, experiment: Experiment) -> bool:
    """Whether a 401 was followed by another call (for a token) before the request went out again."""
    between = (
        c
        for c in experiment.trace
        if c.protocol == "http"
        and c.id.operation != refusal.id.operation
        and refusal.at_ms < c.at_ms < after.at_ms
    )
    return _status(refusal) == 401 and any(between)


def _said(crossing: Crossing) -> str:
    status = _status(crossing)
    declined = crossing.fault.startswith("declined")
    return f"{'a decline' if declined else 'a refusal'}{f' ({status})' if status else ''}"
