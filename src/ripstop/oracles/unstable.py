"""RS902: a verdict that did not repeat, or a record that cannot be judged. The engine creates these."""

from __future__ import annotations

from ripstop.model.verdict import Rule, Severity

_PAGE = """\
## What it checks

A torn verdict is believed when a second run of the same plan tears in the same way. What does not
repeat is reported under this code, never dropped. So is a record that cannot be judged, because
something was still going on when it was read.

## Why it matters

A race in the service looks like this, and so does a service that keeps state outside the database
(an in-process cache, a circuit breaker, a rate limit). Both are worth knowing; neither is a verdict.

## Example

```text
RS902 unstable: RS205 in one of two runs at db: COMMIT (reply_lost)
```

## What to do instead

Replay it a few times (`ripstop replay ID`) and read the log lines of both runs. Look for work that goes
on after the answer, for clocks and random choices, and for state that survives between requests.
"""

RULE = Rule("RS902", "unstable", "unstable", Severity.LOW, _PAGE)
