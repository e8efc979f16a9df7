"""Any failure at all is caught, or caught and forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ripstop.model.survey import Exit, Hazard
from ripstop.scan.hazards.subject import Reason, Subject

_PAGE = """\
## What it checks

On the way of the request no `except` catches everything, and none is empty. In JavaScript, where every
`catch` catches everything, only empty ones are told.

## Why it matters

A broad `except` answers for failures it was not written for: the charge that timed out is reported as a wrong
card, a lost connection as a missing row. An empty one reports success. Both hide what tests would show.

## Example

```python
try:
    charge(order)
except Exception:
    pass
```

## What to do instead

Catch what you can answer for, by name, and let the rest become a 500 that somebody sees:

```python
except requests.Timeout:
    return pending(order)
except requests.HTTPError as error:
    return declined(error)
```
"""

REASON = Reason("broad-except", "broad or empty except", 8, _PAGE)
_EMPTY_WEIGHT = 12
_BROAD = frozenset({"", "*", "Exception", "BaseException", "everything", "any", "anything"})
_SCRIPT = (".js", ".ts", ".mjs", ".cjs", ".tsx", ".jsx", ".mts", ".cts")
_NOTHING = re.compile(r"pass|\.\.\.|continue|#.*|//.*|;?")
_EMPTY_CATCH = re.compile(r"catch\s*(\([^)]*\))?\s*\{\s*((//[^\n]*|/\*.*?\*/)\s*)*\}", re.DOTALL)
_LOOKED = 12


def hazards(subject: Subject) -> Iterator[Hazard]:
    """Each ``except`` of the functions on the way, once a line."""
    seen = set()
    for function in subject.functions:
        for way_out in function.exits:
            if way_out.kind == "except" and way_out.place not in seen:
                seen.add(way_out.place)
                yield from _judged(way_out, subject)


def _judged(way_out: Exit, subject: Subject) -> Iterator[Hazard]:
    script = way_out.place.path.endswith(_SCRIPT)
    lines = subject.source(way_out.place.path)[way_out.place.line - 1 :][:_LOOKED]
    if _empty_catch(lines) if script else _empty_except(lines):
        caught = way_out.what or "everything"
        text = f"{caught} is caught and forgotten ({way_out.place})"
        yield REASON.hazard(text, way_out.place, weight=_EMPTY_WEIGHT)
    elif not script and _broad(way_out.what):
        text = f"{way_out.what or 'everything'} is caught ({way_out.place}): what failed cannot be told apart"
        yield REASON.hazard(text, way_out.place)


def _broad(what: str) -> bool:
    """Whether everything is caught; ``what`` may end in the status answered, as in ``Exception -> 500``."""
    caught = what.partition("->")[0]
    return any(name.strip().rpartition(".")[2] in _BROAD for name in caught.split(","))


def _empty_except(lines: Sequence[str]) -> bool:
    """Whether the block under the first line does nothing."""
    if not lines or not lines[0].lstrip().startswith("except"):
        return False
    head, _, tail = lines[0].partition(":")
    if tail.strip() and not tail.strip().startswith("#"):
        return bool(_NOTHING.fullmatch(tail.strip()))
    depth = len(head) - len(head.lstrip())
    for line in lines[1:]:
        if line.strip() and len(line) - len(line.lstrip()) <= depth:
            return True
        if not _NOTHING.fullmatch(line.strip()):
            return False
    return True


def _empty_catch(lines: Sequence[str]) -> bool:
    text = "\n".join(lines)
    start = text.find("catch")
    return start >= 0 and _EMPTY_CATCH.match(text, start) is not None
