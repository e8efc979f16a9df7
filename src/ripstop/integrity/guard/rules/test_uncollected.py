"""A test is still written down, and pytest no longer takes it for one."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.integrity.guard.change import Change
from ripstop.integrity.guard.collect import matches_file
from ripstop.integrity.guard.rules import ignoring
from ripstop.integrity.guard.rules.telling import gone
from ripstop.model.weakening import Kind, Spot, Sure, Weakening

_PAGE = """\
## What it checks

Every test of before is still collected. Not collected: a function, class or file whose name no longer fits
`python_functions`, `python_classes` or `python_files`; a class with `__init__` or `__test__ = False`; a
test inside another function, under `if False`, or whose name a later one takes; a file named in
`collect_ignore`, or one that no longer parses.

## Why it matters

The code is there, so a reader thinks it runs. pytest says nothing about what it does not collect.

## Example

```python
def _test_total(): ...
```

## What to do instead

Keep the name. `pytest --collect-only -q` before and after tells what is run.

## How sure

`sure`.
"""

RULE = Kind("test-uncollected", "test no longer collected", _PAGE)


def weakenings(change: Change) -> Iterator[Weakening]:
    """Each test that became something else, and each file that is passed over."""
    for missing in change.missing:
        if missing.new:
            yield gone(RULE, missing, Sure.SURE, f"{missing.new.why_not}")
        elif missing.why:
            yield gone(RULE, missing, Sure.SURE, f"{missing.old.path} does not parse: {missing.why}")
    for path in ignoring.newly(change):
        if matches_file(path.ignored, change.old_settings) and path.ignored in change.old.sources:
            before = Spot(path.ignored, 0)
            why = f"{path.spot.path} keeps pytest from collecting it"
            yield Weakening(RULE.slug, path.ignored, before, path.spot, Sure.SURE, why)
