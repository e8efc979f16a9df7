"""Charge, then insert: an effect outside, then a write of one's own that can still fail."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Hazard, Reach
from ripstop.scan.hazards.asking import is_commit, is_effect, is_write, least, named, transactions
from ripstop.scan.hazards.subject import Reason, Subject

_PAGE = """\
## What it checks

On the way of one request, something is changed in the outside world (a charge, a mail, a message), and
a row is written or committed only after that.

## Why it matters

The write can fail after the effect has happened: the connection drops, a constraint refuses, the process
is killed between the two lines. The card is charged and there is no order; nobody knows, and a client
that tries again is charged twice. No unit test sees it, for in a unit test the write does not fail.

## Example

```python
charge(user, amount)          # happened, whatever comes next
session.add(Order(...))
session.commit()              # and if this fails?
```

## What to do instead

Write down what you are about to do, commit it, make the call under a key that the row holds, then record
the result. Whatever fails, the row tells that something is to be finished or taken back:

```python
order = insert_pending(key)               # committed first
paid = charge(user, amount, idempotency_key=key)
mark_paid(order, paid.id)
```

Where the effect may wait, write it into an outbox table in the same transaction and send it afterwards.
"""

REASON = Reason("effect-then-write", "effect, then a write that can fail", 40, _PAGE)
_AFTER_INTENT = 12
_MESSAGE = 25
"""A mail or a message that was sent for nothing costs less than a call that moved something."""


def hazards(subject: Subject) -> Iterator[Hazard]:
    """For each effect that a write follows: the first such write."""
    reaches = subject.reaches
    for index, effect in enumerate(reaches):
        later = reaches[index + 1 :]
        write = next((one for one in later if is_write(one) and _other_arm(effect, one) is False), None)
        if not is_effect(effect):
            continue
        write = write or _commit_of(reaches[:index], later)
        if write is None:
            continue
        intent = next((group[0] for group in transactions(_closed(reaches[:index]))), None)
        yield _hazard(effect, write, intent)


def _hazard(effect: Reach, write: Reach, intent: Reach | None) -> Hazard:
    text = f"{named(effect)} comes before {named(write)}: where the write fails, the effect stays"
    weight = REASON.weight if effect.protocol == "http" else _MESSAGE
    if intent is not None:
        text += f"; {named(intent)} is committed before and may tell of it"
        weight = min(weight, _AFTER_INTENT)
    return REASON.hazard(text, effect.place, least(effect.sureness, write.sureness), weight=weight)


def _commit_of(before: tuple[Reach, ...], later: tuple[Reach, ...]) -> Reach | None:
    """The COMMIT after an effect of writes that were made before it."""
    pending = False
    for reach in before:
        pending = (pending or (is_write(reach) and reach.in_transaction)) and not is_commit(reach)
    return next((one for one in later if is_commit(one)), None) if pending else None


def _closed(reaches: tuple[Reach, ...]) -> tuple[Reach, ...]:
    """Up to the last COMMIT, with the writes besides that need none."""
    last = max((i for i, one in enumerate(reaches) if is_commit(one)), default=-1)
    return (*reaches[: last + 1], *(one for one in reaches[last + 1 :] if not one.in_transaction))


def _other_arm(effect: Reach, write: Reach) -> bool:
    """Whether the write is the very call that is the effect, told twice."""
    return effect.place == write.place and effect.operation == write.operation
