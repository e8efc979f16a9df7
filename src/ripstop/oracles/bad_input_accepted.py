"""RS501: a request that cannot be right was accepted, or refused after it had changed something."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.plan import Injection
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence, inbound
from ripstop.oracles.bodies import is_bare
from ripstop.oracles.reading import known_steps, param, step_down

_PAGE = """\
## What it checks

The workflow's own request is sent with one thing wrong: a field missing, null, empty, of another type, too
long, out of range, taken already, or an id that belongs to nothing. Torn:

- it is **refused, yet something changed**: rows were committed or an effect happened. Refused means
  unchanged, whichever field it was;
- it is **accepted although the schema cannot hold it** (a type, a CHECK, a length, NOT NULL, a foreign key of
  the column that took the field's value in the baseline), and what the answer stands for is not there, or
  something else was stored in its place;
- it is accepted for an id in the path that belongs to nothing, and nothing was done.

Held: a default for a missing field, an empty text, anything the schema leaves open; a service may ignore what
it does not need. A bare 500 is told as RS101. Tables of the declared journal may hold rows.

Advice, no finding: a count or amount below zero is stored and no CHECK forbids it; a text is cut to fit; a
request that can never succeed is told 503 "try again".

## Why it matters

Validation that comes late is validation after the charge. The caller reads "refused", sends it again with the
mistake mended, and pays twice. And what was bent into shape and stored is found months later.

## Example

```python
charge(order.amount_cents)                       # 2147483648 is charged
db.insert(amount_cents=order.amount_cents)       # integer out of range: 503, and the charge stands
```

## What to do instead

Look at the whole request before the first thing is done with any part of it, with the schema's own limits:

```python
class NewOrder(BaseModel):
    amount_cents: int = Field(gt=0, le=2_147_483_647)
    sku: str = Field(min_length=1, max_length=40)
```
"""

RULE = Rule("RS501", "bad-input-accepted", "bad input accepted", Severity.HIGH, _PAGE)

_ABSENT = frozenset({"field_missing", "field_null", "field_empty"})
_STAND_INS = frozenset({"None", "null", "undefined", "NaN", "nan", "[object Object]"})
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
"""Methods that may well answer with success where there is nothing (RFC 9110, 9.3.5 for DELETE)."""


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """What was answered to a broken request, and what it left."""
    broke = inbound.altered(experiment)
    if broke is None or broke.fault.name not in inbound.INPUT or experiment.broken is None:
        return None
    if broke.fault.name == inbound.SECOND:
        return _second(broke, experiment, baseline)
    answer = experiment.broken.answer
    if answer.status is None:
        return None
    usual = baseline.step(experiment.broken.step)
    as_ever = usual is not None and answer.status == usual.exchange.answer.status
    if as_ever or 200 <= answer.status < 300:
        return _accepted(broke, experiment, baseline) if known_steps(experiment, baseline) else None
    if answer.status < 400 and inbound.residue(experiment, baseline):
        return Verdict(RULE, Status.UNKNOWN, f"answered {answer.status}: neither refused nor as ever")
    return _refused(broke, experiment, baseline)


def _refused(broke: Injection, experiment: Experiment, baseline: Baseline) -> Verdict:
    assert experiment.broken is not None
    step, answer = experiment.broken.step, experiment.broken.answer
    found = inbound.residue(experiment, baseline)
    if found:
        told = f"{step} answered {answer.status} to {inbound.sent(broke)}, yet {found.phrase}"
        return Verdict(RULE, Status.TORN, told, found.shown())
    certain = param(broke, "breaks") is not None
    if certain and answer.status is not None and answer.status >= 500 and not is_bare(answer):
        told = f"{step} answered {answer.status} to {inbound.sent(broke)}: no retry can mend that"
        return Verdict(RULE, Status.TORN, told, severity=Severity.ADVICE)
    return Verdict(RULE, Status.HELD, "a broken request was refused, and nothing changed")


def _accepted(broke: Injection, experiment: Experiment, baseline: Baseline) -> Verdict:
    assert experiment.broken is not None
    step, answer = experiment.broken.step, experiment.broken.answer
    told = f"{step} answered {answer.status} to {inbound.sent(broke)}"
    shown: dict[str, Any] = {"field": str(param(broke, "field") or "")}
    usual, done = inbound.usual(experiment, baseline), inbound.done(experiment, baseline)
    if str(param(broke, "field")).startswith("path:"):
        return _for_nothing(told, shown, usual, done, experiment.broken.request.method)
    breaks = param(broke, "breaks")
    if breaks is None:
        return _open(broke, told, shown, experiment)
    told = f"{told} ({breaks})"
    if broke.fault.name in _ABSENT and not _inserts(broke, usual):
        return Verdict(RULE, Status.HELD, "a field that was not sent was left as it is")
    if lost := usual - done:
        return Verdict(RULE, Status.TORN, f"{told}, yet {_phrase(lost)}", shown)
    return _bent(broke, told, shown, experiment)


def _bent(broke: Injection, told: str, shown: dict[str, Any], experiment: Experiment) -> Verdict:
    """All rows stand, so something else than what was sent is in them."""
    _, name = inbound.column(broke)
    stored = sorted({text for column, text in inbound.written(experiment) if column == name})
    shown["stored"] = [evidence.line(text) for text in stored[:5]]
    if broke.fault.name in _ABSENT:
        if stand_in := next((text for text in stored if text in _STAND_INS), None):
            return Verdict(RULE, Status.TORN, f'{told} and stored the text "{stand_in}"', shown)
        return Verdict(RULE, Status.HELD, "a default took the place of what was not sent")
    if any(text == str(param(broke, "value")) for _, text in inbound.written(experiment)):
        return Verdict(RULE, Status.UNKNOWN, "accepted, and kept as it was sent in another column")
    if broke.fault.name == "field_too_long":
        return Verdict(RULE, Status.TORN, f"{told} and cut it", shown, severity=Severity.ADVICE)
    return Verdict(
        RULE, Status.TORN, f"{told} and stored something else", shown, severity=step_down(RULE.severity)
    )


def _open(broke: Injection, told: str, shown: dict[str, Any], experiment: Experiment) -> Verdict:
    """The schema demands nothing: right for all that is known, but for a count below zero."""
    value = param(broke, "value")
    if isinstance(value, int | float) and any(_equal(t, value) for _, t in inbound.written(experiment)):
        summary = f"{told} and stored it: should a CHECK forbid it?"
        return Verdict(RULE, Status.TORN, summary, shown, severity=Severity.ADVICE)
    return Verdict(RULE, Status.HELD, "accepted, and nothing in the schema speaks against it")


def _for_nothing(
    told: str,
    shown: dict[str, Any],
    usual: Counter[tuple[str, str]],
    done: Counter[tuple[str, str]],
    method: str,
) -> Verdict:
    """A success for an id that belongs to nothing: fine where something was made for it, or nothing asked."""
    lost = usual - done
    if method.upper() in _REPEATABLE or not lost or any(kind == "insert" for kind, _ in done):
        return Verdict(RULE, Status.HELD, "an id that belongs to nothing was answered without harm")
    return Verdict(RULE, Status.TORN, f"{told}, yet {_phrase(lost)}", shown)


def _second(broke: Injection, experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """A second request with a value that is taken: accepted may be right (it was found), refused is
    unchanged."""
    retry, after = experiment.retry, experiment.after_retry
    if retry is None or after is None or retry.answer.status is None:
        return None
    found = inbound.since(after, experiment.after_call, baseline)
    if retry.answer.status >= 400 and found:
        told = f"{retry.step} answered {retry.answer.status} to {inbound.sent(broke)}, yet {found.phrase}"
        return Verdict(RULE, Status.TORN, told, found.shown())
    return Verdict(RULE, Status.HELD, "a value that is taken already did no harm")


def _equal(text: str, value: float) -> bool:
    """Whether a column's text is this number, however many digits it prints."""
    try:
        return Decimal(text) == Decimal(str(value))
    except InvalidOperation:
        return False


def _inserts(broke: Injection, usual: Counter[tuple[str, str]]) -> bool:
    table, _ = inbound.column(broke)
    return usual["insert", table] > 0


def _phrase(lost: Counter[tuple[str, str]]) -> str:
    places = ", ".join(sorted({f"{kind} {place}" for kind, place in lost}))
    return f"{places} of what it stands for {'is' if len(lost) == 1 else 'are'} missing"
