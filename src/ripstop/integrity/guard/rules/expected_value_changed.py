"""What a test expects is another value."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ripstop.integrity.guard.change import Change
from ripstop.integrity.guard.implying import Relation
from ripstop.integrity.guard.matching import Lost
from ripstop.integrity.guard.rules import tabled
from ripstop.integrity.guard.rules.telling import lost_as, weakening
from ripstop.integrity.guard.terms import Term
from ripstop.model.weakening import Kind, Sure, Weakening

_PAGE = """\
## What it checks

The value that a test expects of the same thing is the one of before: in the assertion, in a constant it
names, in a case. Writing the same value in another way is no change.

## Why it matters

Copying what the code returns into the test makes every defect a requirement.

## Example

```python
assert cart.total == 18
assert cart.total == 17      # what the code says today
```

## What to do instead

Decide who is right. Where the behaviour was to change, change the code in the same commit; where the old
value was a mistake, say so in the commit's `Ripstop-Allow:`.

## How sure

Nobody can tell a corrected expectation from a bent one by its text. `likely` where tests alone were
changed; `look` where the sources that the test may be about were changed as well.
"""

RULE = Kind("expected-value-changed", "expected value changed", _PAGE)


def _respelled(lost: Lost) -> bool:
    """Whether a computed value is computed in another way, from all that is written out in the old one."""
    old, new = lost.check.value, lost.new.value if lost.new else None
    if lost.check.op != "==" or not old or not new or old.constant or new.constant:
        return False
    before, after = _written(old), _written(new)
    return bool(before) and before <= after


def _written(term: Term) -> set[str]:
    """What is written out in a computed value."""
    return {repr(node.value) for node in ast.walk(term.node) if isinstance(node, ast.Constant)}


def weakenings(change: Change) -> Iterator[Weakening]:
    """Each lost check of which the value is another; each case of which the expected value is."""
    for pair, lost in lost_as(change, Relation.OTHER_VALUE):
        sure = Sure.LOOK if change.sourced(pair.old) or _respelled(lost) else Sure.LIKELY
        yield weakening(RULE, change, pair, lost, sure, "another value is expected of the same thing")
    for pair in change.pairs:
        for one in tabled.lost(pair):
            if one.new and one.only_expected:
                sure = Sure.LOOK if change.sourced(pair.old) else Sure.LIKELY
                sure = change.sure(sure, one.case.spot.text)
                why = "the case expects another value"
                yield Weakening(RULE.slug, pair.old.node, one.case.spot, one.new.spot, sure, why)
