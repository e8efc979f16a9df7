"""An assertion is gone, and nothing asks what it asked."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ripstop.integrity.guard.change import Change, Pair, nowhere
from ripstop.integrity.guard.pairing import body
from ripstop.integrity.guard.rules.telling import removed, weakening
from ripstop.model.weakening import Kind, Spot, Sure, Weakening

_PAGE = """\
## What it checks

Every assertion of a test, or of a helper it calls, is still made: by the test itself, by a helper, a
fixture or another test that was added. An assertion that another implies may go; one that cannot fail is
none. What is turned into a comment, a bare expression or a print, comes after a `return`, or has its
failure swallowed, is gone.

## Why it matters

Taking the assertion away is the shortest way from red to green, and leaves a test that passes and says
nothing.

## Example

```python
assert response.status_code == 200
assert response.json()["total"] == 42        # gone: any total passes now
```

## What to do instead

Mend the code. Where the assertion was wrong, state the right one in its place. Where it is no longer
wanted, say so in the commit: `Ripstop-Allow: assertion-removed tests/test_cart.py::test_total: the total
moved to the till`.

## How sure

`sure` where nothing new is asked in its test, `likely` where something else is. `look` where the sources no
longer define what it asked for, or where they were changed and something else is asked.
"""

RULE = Kind("assertion-removed", "assertion removed", _PAGE)


def weakenings(change: Change) -> Iterator[Weakening]:
    """Each lost check that nothing stands for; a body that does nothing any more."""
    for pair, lost in removed(change):
        if _case_lost(pair, lost.check.turn, lost.check.spot):
            continue
        sure = Sure.SURE
        if pair.gained:
            sure = Sure.LOOK if change.sourced(pair.old) else Sure.LIKELY
        if lost.check.op == "warns" and change.sourced(pair.old):
            sure = Sure.LOOK
        yield weakening(RULE, change, pair, lost, sure, "nothing asks this any more")
    for pair in change.pairs:
        if not pair.before.checks and _does(pair.old.function) and not _does(pair.new.function):
            before = Spot(pair.old.path, pair.old.function.lineno, f"def {pair.old.name}")
            sure = change.sure(Sure.SURE, ast.unparse(pair.old.function))
            yield Weakening(
                RULE.slug, pair.old.node, before, nowhere(pair), sure, "the test does nothing any more"
            )


def _case_lost(pair: Pair, turn: str, spot: Spot) -> bool:
    """Whether the same line is still asked for another case: then it is a case that is lost."""
    lines = [check for check in pair.before.checks if check.spot == spot and check.turn]
    lost = {one.check.turn for one in pair.lost if one.check.spot == spot}
    return bool(turn) and any(check.turn not in lost for check in lines)


def _does(function: ast.AST) -> bool:
    return any(isinstance(node, ast.Call | ast.Await) for part in body(function) for node in ast.walk(part))  # type: ignore[arg-type]
