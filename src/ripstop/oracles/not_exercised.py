"""RS901: a fault that never fired, or a crossing that was not reached. The engine lists them."""

from __future__ import annotations

from ripstop.model.verdict import Rule, Severity

_PAGE = """\
## What it checks

Every fault that was offered is either judged or listed with a reason. Listed as not exercised:

| reason | what it means |
|---|---|
| `not-fired` | the run never came to the crossing in the form the fault needs |
| `not-reached` | the crossing did not happen, or nobody else was let in while a request was held there |
| `out-of-time` | the time given ran out first |
| `filtered` | the command line left it out |
| `reduced-loop` | a turn of a loop that took each kind of fault as another did, one that was given all |
| `reduced-same-outcome` | a fault that looks the same to the service was judged at this place |
| `reduced-same-state` | a crash that leaves the same behind was judged in this step |
| `reduced-same-wait` | a wait of the same kind was judged at this place |
| `not-offered` | the fault cannot really happen here |
| `unstable-baseline` | the workflow does not repeat without faults |

## Why it matters

A test suite that "passed" without breaking anything is worse than none. "No findings" is never
printed without this list beside it.

## Example

```text
not exercised: 12 of 96
  out-of-time  12   hang, stall at db: INSERT orders, ...
```

## What to do instead

Give the run more time (`--max-time`), lift the filter, or give the workflow a test that reaches the
crossing. A reduced fault can be run by itself with `--no-reduce`.
"""

RULE = Rule("RS901", "not-exercised", "not exercised", Severity.ADVICE, _PAGE)
