"""A value may be further off than before."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.integrity.guard.change import Change
from ripstop.integrity.guard.implying import Relation
from ripstop.integrity.guard.rules.telling import lost_as, weakening
from ripstop.model.weakening import Kind, Sure, Weakening

_PAGE = """\
## What it checks

What counts as "about equal" did not grow: pytest's `approx`, `math.isclose`, unittest's `places` and
`delta`, numpy's `rtol` and `atol`, `abs(a - b) < c`; exact did not become about. Widths are held against
each other at the expected value, defaults included.

## Why it matters

A wide tolerance takes a wrong rate, a wrong rounding, a wrong sign.

## Example

```python
assert rate == pytest.approx(1.08, abs=0.001)
assert rate == pytest.approx(1.08, abs=0.1)
```

## What to do instead

Say where the spread comes from and bound that. For money use exact decimals.

## How sure

`sure`; `likely` where exact became about.
"""

RULE = Kind("tolerance-widened", "tolerance widened", _PAGE)


def weakenings(change: Change) -> Iterator[Weakening]:
    """Each lost equality in whose place a wider one stands."""
    for pair, lost in lost_as(change, Relation.WIDER):
        if lost.check.op == "==":
            sure = Sure.SURE if lost.check.width else Sure.LIKELY
            yield weakening(RULE, change, pair, lost, sure, "the value may be further off")
