"""RS103: infrastructure's failure told as the caller's mistake, or as a success that holds no result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.http import Exchange
from ripstop.model.plan import Injection
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence
from ripstop.oracles.compare import pointer_token
from ripstop.oracles.reading import DOMAIN, OUTSIDE, call_exchanges, from_broken, param, protocol

_PAGE = """\
## What it checks

When infrastructure fails, the answer does not blame the caller (400, 404, 409, 422), and an answer
that looks like success carries what success carries: not `200 {}`, not a null id.

Faults that are an honest answer of the other side (a declined card, a provider's own 4xx, a unique
violation) may well be the caller's to mend, and are not judged here. Nor is 202: it promises less.

## Why it matters

Callers believe statuses. A 404 for a lost database makes them create a duplicate; a 400 makes them
throw the request away instead of sending it again; `200 {}` makes them store an empty id.

## Example

```python
try:
    user = await users.get(user_id)
except Exception:                     # the pool could not connect
    raise HTTPException(404, "no such user")
```

## What to do instead

Catch only what means "not there" as 404. Let everything else become a 5xx with `retryable`:

```python
except UserNotFound:
    raise HTTPException(404, "no such user")
except OperationalError as error:
    raise HTTPException(503, {"error": "database_unavailable", "retryable": True}) from error
```
"""

RULE = Rule("RS103", "misleading-answer", "misleading answer", Severity.MEDIUM, _PAGE)

_BLAMES = frozenset({400, 404, 409, 422})
_CONFLICTS = frozenset({"40001", "40P01", "55P03"})


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """Every answer of the call from the broken one on, where infrastructure failed."""
    broken = [i for i in experiment.fired if _infrastructure(i, experiment, baseline)]
    sent = from_broken(experiment) if broken else call_exchanges(experiment)
    if not sent or (experiment.fired and not broken):
        return None
    for exchange in sent:
        reason = _misleads(exchange, broken, baseline)
        if reason:
            shown = {"step": exchange.step, "answer": evidence.answer(exchange.answer)}
            return Verdict(RULE, Status.TORN, f"{exchange.step} {reason}", shown)
    return Verdict(RULE, Status.HELD, "no answer blamed the caller or promised what it did not hold")


def _infrastructure(injection: Injection, experiment: Experiment, baseline: Baseline) -> bool:
    if injection.fault.name in DOMAIN or protocol(injection, experiment, baseline) in OUTSIDE:
        return False
    code = str(param(injection, "code") or "")
    refused = injection.fault.name == "status" and code.startswith("4")
    return not refused and not _sqlstate(injection).startswith("23")


def _sqlstate(injection: Injection) -> str:
    return str(param(injection, "code") or "") if injection.fault.name == "sqlstate" else ""


def _misleads(exchange: Exchange, broken: list[Injection], baseline: Baseline) -> str:
    usual = baseline.step(exchange.step)
    answer = exchange.answer
    if usual is None or answer.status is None:
        return ""
    if answer.status in _BLAMES and usual.exchange.answer.status not in _BLAMES:
        conflict = answer.status == 409 and all(_sqlstate(i) in _CONFLICTS for i in broken)
        return (
            ""
            if conflict
            else f"answered {answer.status}: it blames the caller for a failure behind the service"
        )
    if not 200 <= answer.status < 300 or (answer.status == 202 and usual.exchange.answer.status != 202):
        return ""
    lost = list(missing(usual.exchange.answer.json(), answer.json(), usual.volatile_body))
    return f"answered {answer.status} without its result: {', '.join(lost[:4])} missing" if lost else ""


def missing(usual: Any, got: Any, volatile: frozenset[str], at: str = "") -> Iterator[str]:
    """JSON pointers of what an answer lacks: keys, ids that are null, a whole list or body."""
    if isinstance(usual, Mapping) and isinstance(got, Mapping):
        for key, value in usual.items():
            here = f"{at}/{pointer_token(key)}"
            emptied = value is not None and (here in volatile or _is_id(key))
            if key not in got or (got[key] is None and emptied):
                yield here
            else:
                yield from missing(value, got[key], volatile, here)
    elif at == "" and isinstance(usual, Mapping | list) and usual and type(got) is not type(usual):
        yield "the body"
    elif at == "" and isinstance(usual, list) and usual and not got:
        yield "every element"


def _is_id(key: str) -> bool:
    return key.lower() == "id" or key.endswith(("_id", "Id", "ID"))
