"""A call to somebody else while a transaction of one's own is open."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Hazard
from ripstop.scan.hazards.asking import is_external
from ripstop.scan.hazards.asking import named as told
from ripstop.scan.hazards.subject import Reason, Subject

_PAGE = """\
## What it checks

No call to an external service is made inside a transaction of the service's own database.

## Why it matters

The transaction, its locks and its connection are held for as long as the other side takes. When a provider
needs ten seconds, every request that touches the same rows waits, the pool runs dry, and the whole service
stands still over one slow neighbour. And a roll-back does not take the call back.

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


def hazards(subject: Subject) -> Iterator[Hazard]:
    """Each external call that is made while a transaction is open, effect or not."""
    for reach in subject.reaches:
        if is_external(reach) and reach.in_transaction:
            text = f"{told(reach)} is called inside a transaction, which stays open for as long as it takes"
            yield REASON.hazard(text, reach.place, reach.sureness)
