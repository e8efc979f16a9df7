"""A test runs with fewer cases."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ripstop.integrity.guard.change import Change, Pair, nowhere
from ripstop.integrity.guard.rules import tabled
from ripstop.integrity.guard.rules.assertion_removed import _case_lost
from ripstop.integrity.guard.rules.telling import removed, weakening
from ripstop.model.weakening import Kind, Spot, Sure, Weakening

_PAGE = """\
## What it checks

Every case of before is still run: of `parametrize`, of a fixture's `params`, of a loop over something
written out. Cases are held against each other by value, so that order, names, ids and the way they are
listed are of no account. Cases may become tests, and tests cases.

## Why it matters

The case that fails is the one that was worth having.

## Example

```python
@pytest.mark.parametrize("name", ["", " ", "\\0"])
@pytest.mark.parametrize("name", ["mug"])
```

## What to do instead

Keep the case. For one that shows a known defect, mark that case `xfail(strict=True)` and allow it by name.

## How sure

`sure` where there are fewer cases; `likely` where another case took its place, `look` where the sources
that the test may be about were changed as well.
"""

RULE = Kind("cases-removed", "cases removed", _PAGE)


def weakenings(change: Change) -> Iterator[Weakening]:
    """Each case that is gone."""
    for pair in change.pairs:
        for lost in tabled.lost(pair):
            if not lost.only_expected:
                yield _case(change, pair, lost)
    for pair, check in removed(change):
        if _case_lost(pair, check.check.turn, check.check.spot):
            spot = Spot(
                check.check.spot.path, check.check.spot.line, f"{check.check.spot.text}  [{check.check.turn}]"
            )
            found = weakening(RULE, change, pair, check, Sure.SURE, "it is no longer asked for this value")
            yield Weakening(RULE.slug, found.test, spot, found.after, found.sure, found.why)
    yield from _fixtures(change)


def _case(change: Change, pair: Pair, lost: tabled.LostCase) -> Weakening:
    sure = Sure.LOOK if pair.rewritten else Sure.SURE
    if lost.new and not pair.rewritten:
        sure = Sure.LOOK if change.sourced(pair.old) else Sure.LIKELY
    sure = change.sure(sure, lost.case.spot.text)
    after = lost.new.spot if lost.new else nowhere(pair)
    return Weakening(RULE.slug, pair.old.node, lost.case.spot, after, sure, "this case is gone")


def _fixtures(change: Change) -> Iterator[Weakening]:
    """Parameters that a fixture no longer has."""
    for pair in change.pairs:
        if not pair.helper:
            continue
        before, after = _params(pair, old=True), _params(pair, old=False)
        if before is None or after is None:
            continue
        for text, spot in before.items():
            if text not in after:
                why = f"the fixture {pair.old.name} no longer has this parameter"
                yield Weakening(RULE.slug, pair.old.node, spot, nowhere(pair), Sure.SURE, why)


def _params(pair: Pair, *, old: bool) -> dict[str, Spot] | None:
    """A fixture's parameters as text; None where they are computed."""
    item = pair.old if old else pair.new
    for decorator in item.function.decorator_list:
        for word in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if word.arg != "params":
                continue
            value = word.value
            if isinstance(value, ast.Name):
                value = item.module.constants.get(value.id, value)
            if not isinstance(value, ast.List | ast.Tuple) or any(
                isinstance(e, ast.Starred) for e in value.elts
            ):
                return None
            parts = [_param(part) for part in value.elts]
            return {ast.unparse(p): Spot(item.path, p.lineno, ast.unparse(p)) for p in parts}
    return {"one": Spot(item.path, item.function.lineno, "")} if not old else None


def _param(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith("param"):
        return node.args[0]
    return node
