"""An assertion takes more than it took."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.integrity.guard.change import Change, Pair
from ripstop.integrity.guard.implying import Relation
from ripstop.integrity.guard.rules.telling import lost_as, weakening
from ripstop.model.weakening import Kind, Sure, Weakening

_PAGE = """\
## What it checks

An assertion about the same thing is at least as strong as before. Weaker: `==` becomes `in`, `>=`, a type,
truth or "not None"; a whole value becomes its length, one of its keys or its sorted items; a bound moves; a
set of allowed values grows; an `or` is added; a condition is put before it; `assert_called_once_with`
becomes `assert_called`; an argument becomes `ANY`.

## Why it matters

A loosened assertion still looks like a check. The defect that it was written for passes it.

## Example

```python
assert response.status_code == 201
assert response.status_code in (200, 201, 500)      # a crash is fine now
```

## What to do instead

Find out why the value is not what was expected. Where several values are right, say which holds when.

## How sure

`likely`; `look` where only the last part of what is asked is the same, where `is True` became plain truth,
or where the sources no longer define what it asked for.
"""

RULE = Kind("assertion-loosened", "assertion loosened", _PAGE)
_VERSION = "version_info"


def weakenings(change: Change) -> Iterator[Weakening]:
    """Each lost check in whose place a weaker one stands."""
    for pair, lost in lost_as(change, Relation.LOOSER, Relation.CONDITIONAL):
        assert lost.related is not None
        conditional = lost.related.relation is Relation.CONDITIONAL
        sure = _sure(lost.check.op, lost.check.value, lost.new)
        if conditional and lost.new and lost.new.guards - lost.check.guards <= pair.after.forks:
            sure = Sure.LOOK
        if conditional and lost.new and _as_marked(pair, lost.new.guards - lost.check.guards):
            sure = Sure.LOOK
        why = "it is asked under a condition only" if conditional else "less is asked of the same thing"
        yield weakening(RULE, change, pair, lost, sure, why)


def _as_marked(pair: Pair, guards: frozenset[str]) -> bool:
    """Whether a condition on the version of Python repeats what a mark of the test said before."""
    marked = any(_VERSION in mark.condition for mark in pair.old.marks if mark.skips)
    return marked and all(_VERSION in guard for guard in guards)


def _sure(op: str, value: object, new: object) -> Sure:
    """An empty or a boolean value that becomes truth is mostly a matter of taste."""
    told = getattr(value, "deep", "")
    if (
        op in ("==", "is")
        and told in ("True", "False", "[]", "''", "{}", "()", "0")
        and getattr(new, "op", "") in ("true", "false")
    ):
        return Sure.LOOK
    return Sure.LIKELY
