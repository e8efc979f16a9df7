"""A test that waits for an error takes more errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ripstop.integrity.guard.change import Change
from ripstop.integrity.guard.checks import Check
from ripstop.integrity.guard.implying import Relation, pattern_within
from ripstop.integrity.guard.rules.telling import lost_as, weakening
from ripstop.model.weakening import Kind, Sure, Weakening

_PAGE = """\
## What it checks

`raises` (and `warns`, and unittest's) waits for the same class or a narrower one, and for the same message.
Python's own classes and those of the repository are known with what they inherit from. Wider: a base class,
one more class in the tuple, a `match` that is gone or finds more.

## Why it matters

`raises(Exception)` passes on a misspelled name in the test itself.

## Example

```python
with pytest.raises(ValueError, match="at least one"): ...
with pytest.raises(Exception): ...
```

## What to do instead

Name the class that callers catch. Where the message was reworded, match the new one.

## How sure

`sure`.
"""

RULE = Kind("raises-widened", "raises widened, or its match dropped", _PAGE)


def weakenings(change: Change) -> Iterator[Weakening]:
    """Each lost wait for an error in whose place a wider one stands."""
    for pair, lost in lost_as(change, Relation.WIDER):
        if lost.check.op in ("raises", "warns") and lost.new:
            dropped = bool(lost.check.detail) and not lost.new.detail
            if dropped and any(_asked(check, lost.check.detail) for check in pair.gained):
                continue
            why = "any message is right now" if dropped else "more errors are right now"
            found = weakening(RULE, change, pair, lost, Sure.SURE, why)
            yield found if found.sure is not Sure.LOOK or change.gone else _sure(found)


def _asked(check: Check, pattern: str) -> bool:
    """Whether an assertion about the caught error asks for the text that ``match`` asked for."""
    told = check.value.deep if check.value else ""
    return "raises(" in check.subject.deep and pattern_within(told, pattern)


def _sure(found: Weakening) -> Weakening:
    """The block may run something else; the class is as wide all the same."""
    return replace(found, sure=Sure.LIKELY)
