"""RS401: two requests at once end in a state that no order of the two gives."""

from __future__ import annotations

from ripstop.model.experiment import Baseline, Experiment, Race
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import bad_racer
from ripstop.oracles.evidence import listed_effects, listed_rows
from ripstop.oracles.serial import (
    World,
    allowed,
    differing,
    judged,
    left,
    nearest,
    same_state,
    same_told,
    shown,
    told,
)

_PAGE = """\
## What it checks

Two requests are interleaved at a crossing: the first is held there, the second runs to its end or until it
waits for the first, then both end. Rows, effects and the answers of those who succeeded must be those of
some serial order: first then second, or second then first. Both orders are measured on the same set-up, so
nobody has to say what is right. Who was refused in the service's own words (409, 503) counts as not having
run: then the state is the other's alone.

## Why it matters

One item is sold twice, a balance loses a payment, a coupon is used by two: each request was right when it
looked. Tests send one request at a time and never see it; customers do, on the busiest day.

## Example

```python
left_over = db.scalar("SELECT left_over FROM stock WHERE sku = %s", sku)      # both read 1
if left_over < 1:
    raise SoldOut
db.execute("UPDATE stock SET left_over = %s WHERE sku = %s", left_over - 1, sku)
```

## What to do instead

Let one statement check and act, and look at what it did:

```sql
UPDATE stock SET left_over = left_over - 1 WHERE sku = $1 AND left_over > 0
```

Or lock what is checked until it is acted on: `SELECT ... FOR UPDATE`, `pg_advisory_xact_lock`, a version
column in the `WHERE`, a unique constraint, `SERIALIZABLE` with a retry on 40001.
"""

RULE = Rule("RS401", "lost-update", "race: lost update or oversell", Severity.CRITICAL, _PAGE)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """Whether the outcome of a race is that of a serial order of those who succeeded."""
    race = judged(experiment)
    if race is None or bad_racer.missing(race, baseline):
        return None
    mine = left(race, baseline)
    worlds = [world for world in allowed(race, baseline) if same_state(mine, world)]
    if any(same_told(race, world.race, baseline) for world in worlds):
        return Verdict(RULE, Status.HELD, "the same as one after the other")
    world = worlds[0] if worlds else nearest(race, baseline)
    return Verdict(RULE, Status.TORN, _summary(race, mine, world), _shown(race, baseline, mine, world))


def _summary(race: Race, mine: World, world: World) -> str:
    apart = differing(mine, world)
    orders = " or ".join(dict.fromkeys(told(one) for one in race.serial if one.order != "instead"))
    what = f"what stands in {', '.join(apart)} is" if apart else "what they were told is"
    return f"two at once ({told(race)}): {what} as after no order of the two ({orders})"


def _shown(race: Race, baseline: Baseline, mine: World, world: World) -> dict[str, object]:
    return {
        "cause": ", ".join(differing(mine, world)) or "answers",
        **shown(race, baseline, world),
        "too_much": listed_rows(mine.rows - world.rows),
        "too_little": listed_rows(world.rows - mine.rows),
        "effects_too_much": listed_effects(mine.effects - world.effects),
    }
