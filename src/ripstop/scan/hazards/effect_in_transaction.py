"""A call to somebody else while a transaction of one's own is open."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Hazard, Reach
from ripstop.model.trace import Kind
from ripstop.scan.hazards.asking import SQL, is_external, is_write, least
from ripstop.scan.hazards.asking import named as told
from ripstop.scan.hazards.subject import Reason, Subject

_PAGE = """\
## What it checks

No call to an external service is made inside a transaction of the service's own database.

## Why it matters

The transaction, its locks and its connection are held for as long as the other side takes. When a provider
needs ten seconds, every request that touches the same rows waits, the pool runs dry, and the whole service
stands still over one slow neighbour. And a roll-back does not take the call back. A transaction that has only
read holds no rows, but a connection of the pool: it weighs less.

## Example

```python
with session.begin():
    stock = take_one(session, product)    # the row is locked from here
    payments.charge(total)                # ... for as long as this takes
    session.add(Order(...))
```

## What to do instead

Commit an intent first, make the call outside any transaction, record its result in a second one, under the
same key. See also `ripstop explain RS304`, which finds the same in what the service really did.
"""

REASON = Reason("external-call-in-transaction", "external call inside a transaction", 25, _PAGE)


_ONLY_READ = 8
"""A transaction that has written nothing holds no rows, only its connection."""
_LOCKING = (" FOR UPDATE", " FOR SHARE")


def hazards(subject: Subject) -> Iterator[Hazard]:
    """Each external call that is made while a transaction is open, effect or not."""
    held: Reach | None = None
    for reach in subject.reaches:
        if reach.protocol in SQL:
            held = _holding(reach, held)
        elif is_external(reach) and reach.in_transaction:
            called = f"{told(reach)} is called inside a transaction"
            if held is not None:
                text = f"{called} that holds {told(held)}: its rows are locked for as long as it takes"
                yield REASON.hazard(text, reach.place, least(reach.sureness, held.sureness))
            else:
                text = f"{called} that has only read: its connection is held for as long as it takes"
                yield REASON.hazard(text, reach.place, reach.sureness, weight=_ONLY_READ)


def _holding(reach: Reach, held: Reach | None) -> Reach | None:
    """The first statement since the last COMMIT that locks rows, after this one."""
    if reach.kind in (Kind.BEGIN, Kind.COMMIT, Kind.ROLLBACK):
        return None
    locks = reach.in_transaction and (is_write(reach) or reach.operation.endswith(_LOCKING))
    return held or (reach if locks else None)
