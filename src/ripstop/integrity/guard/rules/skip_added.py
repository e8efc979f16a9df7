"""A test is skipped, or expected to fail, where it was not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ripstop.integrity.guard.cases import Table
from ripstop.integrity.guard.change import Change, Pair
from ripstop.integrity.guard.collect import Item
from ripstop.integrity.guard.reading import Reading
from ripstop.model.weakening import Kind, Spot, Sure, Weakening

_PAGE = """\
## What it checks

No test that ran is skipped or expected to fail: by a mark on it, on its class, its module or one of its
cases, by a mark kept under another name, by `pytest.skip()` or `importorskip` in its body or its module, by
unittest's. A mark that was there may move; its condition may not grow, and `strict` may not go from an
`xfail`.

## Why it matters

A skipped test is green. An expected failure is green whatever the code does, unless it is strict.

## Example

```python
@pytest.mark.skip(reason="flaky")
def test_total(): ...
```

## What to do instead

Mend it or delete it openly. For a known defect, `xfail(strict=True)` with its number, and allow it by name.

## How sure

`sure` without a condition, `likely` with a new one, `look` where an old condition became another or where a
library that is now asked for decides.
"""

RULE = Kind("skip-added", "skip or expected failure added", _PAGE)


@dataclass(frozen=True, slots=True)
class _Stop:
    """One reason why a test does not count: skipped or expected to fail, when, and how strictly."""

    kind: str
    condition: str
    strict: bool
    spot: Spot


def weakenings(change: Change) -> Iterator[Weakening]:
    """Each new reason for which a test of before does not count."""
    for pair in change.pairs:
        if not pair.helper:
            yield from _of_test(change, pair)
            yield from _of_cases(pair)


def _of_test(change: Change, pair: Pair) -> Iterator[Weakening]:
    before = list(_stops(pair.old, pair.before, change.old_settings.true("xfail_strict")))
    after = list(_stops(pair.new, pair.after, change.new_settings.true("xfail_strict")))
    for stop in after:
        if any(_covers(old, stop) for old in before):
            continue
        changed = [old for old in before if old.kind == stop.kind and old.condition]
        old_spot = (
            changed[0].spot
            if changed
            else Spot(pair.old.path, pair.old.function.lineno, f"def {pair.old.name}")
        )
        sure = _sure(stop, bool(changed))
        if sure is Sure.LOOK and _imported(stop, pair.old):
            sure = Sure.LIKELY
        if stop.condition and _names(pair.new) - _names(pair.old) and "_" in stop.condition:
            sure = Sure.LOOK
        if pair.lost and pair.old.name != pair.new.name:
            sure = Sure.LOOK
        what = "it is expected to fail" if stop.kind == "xfail" else "it is skipped"
        when = f" when {stop.condition}" if stop.condition else ""
        yield Weakening(RULE.slug, pair.old.node, old_spot, stop.spot, sure, f"{what}{when}")


def _imported(stop: _Stop, item: Item) -> bool:
    """Whether what may now be missing was imported plainly before."""
    heads = {whole.partition(".")[0] for whole in item.module.imports.values()}
    return any(f"importorskip('{head}" in stop.condition for head in heads)


def _names(item: Item) -> set[str]:
    """The arguments of a test: one that is new may bring a variant that did not run before."""
    return {argument.arg for argument in item.function.args.args}


def _sure(stop: _Stop, changed: bool) -> Sure:
    if not stop.condition:
        return Sure.SURE
    return Sure.LOOK if changed or "importorskip" in stop.condition else Sure.LIKELY


def _stops(item: Item, read: Reading, strict: bool) -> Iterator[_Stop]:
    for mark in item.marks:
        if mark.skips:
            kind = "xfail" if mark.name == "xfail" else "skip"
            told = mark.strict if mark.strict is not None else strict
            yield _Stop(kind, mark.condition, kind == "xfail" and told, mark.spot)
    for skip in read.skips:
        yield _Stop(skip.kind, skip.condition, False, skip.spot)
    yield from _of_module(item)


def _of_module(item: Item) -> Iterator[_Stop]:
    """What a module asks for before any of its tests is defined."""
    for name, value in item.module.constants.items():
        if name and "importorskip" in (text := _text(value)):
            yield _Stop("skip", text, False, Spot(item.path, value.lineno, text))
    for statement in item.module.tree.body:
        text = _text(statement) if isinstance(statement, ast.Expr) else ""
        if text.startswith(("pytest.skip(", "pytest.importorskip(")):
            condition = text if "importorskip" in text else ""
            yield _Stop("skip", condition, False, Spot(item.path, statement.lineno, text))


def _text(node: object) -> str:
    return ast.unparse(node)[:200] if isinstance(node, ast.AST) else ""


def _covers(old: _Stop, new: _Stop) -> bool:
    """Whether a test that did not count for an old reason loses nothing by a new one."""
    if old.kind == "xfail" and new.kind == "skip" and old.strict:
        return False
    if old.kind == "xfail" and old.strict and not new.strict:
        return False
    return not old.condition or old.condition == new.condition


def _of_cases(pair: Pair) -> Iterator[Weakening]:
    before = _marked(pair.before.tables)
    for values, (spot, marked) in _marked(pair.after.tables).items():
        if values in before and not before[values][1] and marked:
            yield Weakening(
                RULE.slug, pair.old.node, before[values][0], spot, Sure.SURE, "one of its cases is skipped"
            )


def _marked(tables: tuple[Table, ...]) -> dict[tuple[str, ...], tuple[Spot, bool]]:
    """Each case's values, where it stands, and whether it is skipped or expected to fail."""
    cases = [case for table in tables for case in table.cases or ()]
    return {case.text: (case.spot, any(mark.skips for mark in case.marks)) for case in cases}
