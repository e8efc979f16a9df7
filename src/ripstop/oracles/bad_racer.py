"""RS402: of two requests at once, one got an answer nobody chose, or a success without its rows."""

from __future__ import annotations

from collections import Counter

from ripstop.model.experiment import Baseline, Experiment, Race
from ripstop.model.http import Answer, Exchange
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence
from ripstop.oracles.duplicate_write import inserts
from ripstop.oracles.serial import allowed, judged, left, nearest, racers, shown, told
from ripstop.oracles.unhandled_error import unhandled

_PAGE = """\
## What it checks

Two requests are interleaved at a crossing (see RS401). Torn: one of them is answered with a bare 500 or a
traceback, or gets no answer, where in neither serial order it is; or all who succeed do so as in a serial
order, and rows that this order leaves are not there.

A refusal in the service's own words (`409 {"error": "sold_out"}`, `503 {"retryable": true}`) is held.

## Why it matters

The database did its part: it refused the second row, or broke a deadlock, or said that a transaction could
not be serialised. Nobody listened, and a customer reads "Internal Server Error" on the busiest day.

## Example

```python
if not db.scalar("SELECT 1 FROM users WHERE email = %s", email):
    db.execute("INSERT INTO users (email) VALUES (%s)", email)     # UniqueViolation: bare 500
```

## What to do instead

Expect the refusal where it happens, and say what it means; try again what the database asks to be tried
again (40001, 40P01), a bounded number of times:

```python
try:
    db.execute("INSERT INTO users (email) VALUES (%s)", email)
except UniqueViolation:
    raise Conflict("this address is taken")
```
"""

RULE = Rule("RS402", "bad-racer", "race: bad answer", Severity.HIGH, _PAGE)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """What each racer was told, and whether a success has its rows."""
    race = judged(experiment)
    if race is None:
        return None
    for name, exchange, usual in racers(race):
        if (why := _wrong(exchange, baseline)) and not any(_alike(exchange, one, baseline) for one in usual):
            return _torn(race, baseline, f"{name} of two {why}", cause=why, exchange=exchange)
    if lost := missing(race, baseline):
        many = evidence.count_of(lost.total(), "row")
        summary = f"two at once are answered {told(race)}, and {many} is missing in {', '.join(lost)}"
        return _torn(race, baseline, summary, cause=f"missing in {', '.join(lost)}")
    return Verdict(RULE, Status.HELD, "each racer got an answer of the service's own, and its rows")


def missing(race: Race, baseline: Baseline) -> Counter[str]:
    """How many rows fewer there are in each table than those who succeeded leave in any order."""
    mine = inserts(left(race, baseline).rows)
    lost = [inserts(world.rows) - mine for world in allowed(race, baseline)]
    return min(lost, key=Counter.total, default=Counter())


def _wrong(exchange: Exchange, baseline: Baseline) -> str:
    if exchange.answer.failure == "timeout":
        return "got no answer within the budget"
    return unhandled(exchange, baseline).removeprefix(f"{exchange.step} ")


def _alike(exchange: Exchange, usual: Answer, baseline: Baseline) -> bool:
    """Whether a serial order gives an answer that is as bad."""
    return bool(_wrong(Exchange(exchange.step, exchange.request, usual), baseline))


def _torn(
    race: Race,
    baseline: Baseline,
    summary: str,
    *,
    cause: str,
    exchange: Exchange | None = None,
) -> Verdict:
    found = {"cause": cause, **shown(race, baseline, nearest(race, baseline))}
    if exchange is not None:
        found["answer"] = evidence.answer(exchange.answer)
    return Verdict(RULE, Status.TORN, summary, found)
