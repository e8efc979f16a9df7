"""Rows written in more than one transaction: half of them can stand alone."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Hazard, Reach
from ripstop.scan.hazards.asking import least, transactions
from ripstop.scan.hazards.asking import named as told
from ripstop.scan.hazards.subject import Reason, Subject

_PAGE = """\
## What it checks

All rows that one request writes are committed together.

## Why it matters

Whatever fails between two commits leaves the first one's rows without the second's: an order without its
lines, stock taken for nothing, an account without its owner. Most code that reads them later believes this
cannot be.

## Example

```python
db.execute("INSERT INTO orders ...")      # committed
db.execute("INSERT INTO order_lines ...") # and if this fails?
```

## What to do instead

One transaction around all of them:

```python
with engine.begin() as connection:
    connection.execute(insert_order)
    connection.execute(insert_lines)
```

Where something outside must happen between, let the first commit say that the work is not done (a status, an
outbox row), and let somebody finish it.
"""

REASON = Reason("several-writes", "several writes, not in one transaction", 15, _PAGE)
_SHOWN = 4


def hazards(subject: Subject) -> Iterator[Hazard]:
    """At most one: the first writes of the first transactions, by name and line."""
    groups = [group for group in transactions(subject.reaches) if group]
    alone = [group[0] for group in groups if len(group) == 1 and _repeated(group[0])]
    if len(groups) < 2 and not alone:
        return
    firsts = _distinct([group[0] for group in groups])
    if len(firsts) < 2 and not alone:
        return
    if len(firsts) < 2:
        text = f"{told(alone[0])} is committed once for each turn of a loop: some can stand without the rest"
    else:
        listed = ", ".join(told(one) for one in firsts[:_SHOWN])
        more = f" and {len(firsts) - _SHOWN} more" if len(firsts) > _SHOWN else ""
        text = f"{listed}{more} are committed apart: the first can stand without the last"
    yield REASON.hazard(text, firsts[-1].place, least(*(one.sureness for one in firsts)))


def _repeated(reach: Reach) -> bool:
    return reach.in_loop and not reach.in_transaction


def _distinct(reaches: list[Reach]) -> list[Reach]:
    """Each line's write once."""
    return list({(one.place.path, one.place.line, one.operation): one for one in reaches}.values())
