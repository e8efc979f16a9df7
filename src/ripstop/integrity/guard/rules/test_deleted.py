"""A test is gone, and no other makes its checks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ripstop.integrity.guard.change import Change, Missing
from ripstop.integrity.guard.rules.telling import gone
from ripstop.model.weakening import Kind, Sure, Weakening

_PAGE = """\
## What it checks

Every test of before is there: under its name, renamed, moved, or with all its checks made by other tests. A
copy of a test that stays may go.

## Why it matters

A deleted test leaves no trace in the next run.

## Example

```diff
-def test_refund_needs_a_charge(shop):
-    assert shop.refund("o-1").refused
```

## What to do instead

Delete a test with the behaviour it tested, in one commit: then it is only told for a look.

## How sure

`sure` where tests alone were changed, `likely` where sources were; `look` where the sources no longer
define what the test names.
"""

RULE = Kind("test-deleted", "test deleted", _PAGE)


def weakenings(change: Change) -> Iterator[Weakening]:
    """Each test that is gone for good."""
    for missing in change.missing:
        if missing.why or missing.new:
            continue
        base = Sure.LIKELY if change.sourced(missing.old) else Sure.SURE
        sure = change.sure(base, _text(missing))
        if missing.kept:
            sure = sure if sure is Sure.LOOK else Sure.LIKELY
            why = f"{missing.checks - missing.kept} of its {missing.checks} checks are made by no other test"
        else:
            why = "no other test makes its checks"
        yield gone(RULE, missing, sure, why)


def _text(missing: Missing) -> str:
    """The body, and what the imports that it uses are called."""
    body = ast.unparse(missing.old.function)
    used = [whole for name, whole in missing.old.module.imports.items() if name in body]
    return " ".join([body, *used])
