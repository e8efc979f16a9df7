"""An effect that happens twice when its request is sent twice."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Hazard
from ripstop.scan.hazards.asking import is_effect
from ripstop.scan.hazards.asking import named as told
from ripstop.scan.hazards.subject import Reason, Subject

_PAGE = """\
## What it checks

A call that changes the outside world carries an idempotency key, where its protocol has a place for one.

## Why it matters

A lost reply cannot be told from a lost request. Whoever tries again, and somebody always does (the client,
a proxy, a queue, a person), makes the effect happen twice unless both tries carry one key.

## Example

```python
stripe.PaymentIntent.create(amount=4200, currency="eur")
```

## What to do instead

Take the key from the caller, or make it once and keep it with the order; never make it anew for each try:

```python
stripe.PaymentIntent.create(amount=4200, currency="eur", idempotency_key=order.key)
```
"""

REASON = Reason("no-idempotency-key", "effect without an idempotency key", 20, _PAGE)


def hazards(subject: Subject) -> Iterator[Hazard]:
    """Each effect of which it is known that it carries no key."""
    for reach in subject.reaches:
        if is_effect(reach) and reach.key is False:
            text = f"{told(reach)} carries no idempotency key: sent twice, it happens twice"
            yield REASON.hazard(text, reach.place, reach.sureness)
