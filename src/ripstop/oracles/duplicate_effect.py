"""RS204: one request, sent again after a failure, changed the outside world twice."""

from __future__ import annotations

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.state import Observation
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence
from ripstop.oracles.compare import Effects, alike, effects
from ripstop.oracles.reading import MESSAGES, carries_key, expected, known_steps, retry_counts, step_down

_PAGE = """\
## What it checks

However often one request is sent (by the caller after a lost or failed answer, or by the service
inside), it has the effects of one: one charge, one mail. A compensated effect does not count. After a
success only a request that carries its idempotency key may be sent again.

Where the workflow declares no idempotency key the finding weighs one step less: the service was given
no means of its own to tell a repetition from a second order.

## Why it matters

Replies get lost after the effect has happened. The caller, a proxy or a queue sends the request again,
as it should, and the customer pays twice.

## Example

```python
for attempt in range(3):
    try:
        return requests.post(CHARGES, json=charge, timeout=2)     # no key: each attempt is a charge
    except requests.Timeout:
        continue
```

## What to do instead

Take the key from the caller, keep it with the result, and hand it on to the provider:

```python
requests.post(CHARGES, json=charge, timeout=2, headers={"Idempotency-Key": order.key})
```

A mail or a text message sent again after the caller's retry is advice: its receiver has no key to know it
by. Two of them from one request are torn.

A key made anew for each attempt is no key. Declare where yours is:
`@pytest.mark.workflow("place an order", idempotency_key="header:Idempotency-Key")`.
"""

RULE = Rule("RS204", "duplicate-effect", "duplicate effect", Severity.CRITICAL, _PAGE)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """Effects beyond the baseline's, after the call and after a fair retry."""
    if experiment.broken is None or not known_steps(experiment, baseline):
        return None
    usual = effects(expected(experiment, baseline).effects, baseline)
    if not usual:
        return None
    if extra := _again(experiment.after_call, usual, baseline):
        return _torn(extra, usual, "with no retry of the caller's", None)
    if not retry_counts(experiment, baseline) or experiment.after_retry is None:
        return Verdict(RULE, Status.HELD, "no effect happened twice")
    extra = _again(experiment.after_retry, usual, baseline)
    if not extra:
        return Verdict(RULE, Status.HELD, "the retry repeated no effect")
    if all(fact.kind in MESSAGES for fact in extra):
        return _torn(extra, usual, "after a retry: no mail server can tell the second", Severity.ADVICE)
    if carries_key(experiment.retry, baseline):
        return _torn(extra, usual, "after a retry under the same idempotency key", None)
    note = "after one retry (the request carries no declared idempotency key)"
    return _torn(extra, usual, note, step_down(RULE.severity))


def _again(seen: Observation, usual: Effects, baseline: Baseline) -> Effects:
    """The effects that stand beyond the baseline's and are like one of the baseline's."""
    extra = effects(seen.effects, baseline) - usual
    lacking = usual - effects(seen.effects, baseline)
    again: Effects = type(usual)()
    for fact, times in extra.items():
        likes = [one for one in usual if alike(one, fact)]
        in_place_of = sum(lacking[one] for one in likes)
        if likes and times > in_place_of:
            again[fact] = times - in_place_of
    return again


def _torn(extra: Effects, usual: Effects, when: str, severity: Severity | None) -> Verdict:
    kinds = sorted({(fact.seam, fact.kind) for fact in extra})
    parts = []
    for seam, kind in kinds:
        base = sum(times for fact, times in usual.items() if (fact.seam, fact.kind) == (seam, kind))
        more = sum(times for fact, times in extra.items() if (fact.seam, fact.kind) == (seam, kind))
        parts.append(f"{evidence.count_of(base + more, kind)} at {seam} where the baseline has {base}")
    shown = {"extra": evidence.listed_effects(extra)}
    return Verdict(RULE, Status.TORN, f"{' and '.join(parts)}, {when}", shown, severity=severity)
