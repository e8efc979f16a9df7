"""RS202: the caller was told it worked, and part of it never happened."""

from __future__ import annotations

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.state import Observation
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence
from ripstop.oracles.compare import Effects, Rows, effects, rows
from ripstop.oracles.reading import call_exchanges, call_succeeded, carries_key, expected, known_steps, worlds

_PAGE = """\
## What it checks

After a success answer, every row and every effect of the baseline is there: the order's row, the
charge, the mail. State is read when the service has settled, so late work counts.

Work that is remembered and done once the seam is back is held: by a job or outbox row that stands while
the seam is broken, or by a provider whose event was not answered 2xx, and who sends it again.

## Why it matters

The caller stops here: nobody sends the request again, no alarm rings. The customer has a 201 and
no order, or an account and no mail to confirm it.

## Example

```python
@app.post("/register", status_code=201)
async def register(user: NewUser, tasks: BackgroundTasks) -> dict:
    user_id = await users.add(user)
    tasks.add_task(send_mail, user.email)       # the mail server is down: the mail is gone
    return {"id": user_id}
```

## What to do instead

Answer after the COMMIT, not before it. Put what may be done later into the same transaction as a row
(an outbox), and let a worker try until it is done:

```python
async with transaction():
    user_id = await users.add(user)
    await outbox.add("welcome_mail", user_id)
```
"""

RULE = Rule("RS202", "lost-write", "lost write", Severity.CRITICAL, _PAGE)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """What lacks after a call whose broken step was answered as in the baseline."""
    sent = call_exchanges(experiment)
    if not sent or not call_succeeded(experiment, baseline) or not known_steps(experiment, baseline):
        return None
    lost_rows, lost_effects = _least_missing(experiment.after_call, experiment, baseline)
    if not lost_rows and not lost_effects:
        return Verdict(RULE, Status.HELD, "a success answer, and everything it stands for is there")
    if _remembered(experiment, baseline) and _made_good(experiment, baseline):
        return Verdict(RULE, Status.HELD, "what was missing was kept as work to do, and was done after heal")
    broken = experiment.broken.step if experiment.broken else sent[-1].step
    summary = f"{broken} answered as if it had worked, yet {_phrase(lost_rows, lost_effects)}"
    shown = {
        "missing_rows": evidence.listed_rows(lost_rows),
        "missing_effects": evidence.listed_effects(lost_effects),
    }
    return Verdict(RULE, Status.TORN, summary, shown)


def _least_missing(seen: Observation, experiment: Experiment, baseline: Baseline) -> tuple[Rows, Effects]:
    options = [_missing(world, seen, baseline) for world in worlds(experiment, baseline)]
    return min(options, key=lambda lost: lost[0].total() + lost[1].total())


def _missing(usual: Observation, seen: Observation, baseline: Baseline) -> tuple[Rows, Effects]:
    """Missing rows, and effects missing either as they happened or as they stand."""
    gross = effects(usual.effects, baseline, net=False) - effects(seen.effects, baseline, net=False)
    net = effects(usual.effects, baseline) - effects(seen.effects, baseline)
    return rows(usual.changes, baseline) - rows(seen.changes, baseline), gross | net


def _remembered(experiment: Experiment, baseline: Baseline) -> bool:
    """Whether the database holds something the baseline does not end with, or a provider an event that
    was not taken: work still to do."""
    if experiment.redelivered is not None:
        return True
    usual = rows(expected(experiment, baseline).changes, baseline, journal=True)
    return bool(rows(experiment.after_call.changes, baseline, journal=True) - usual)


def _made_good(experiment: Experiment, baseline: Baseline) -> bool:
    """Whether all of it is there after heal, beyond what the retry itself did.

    An event that is sent again has to make it so by itself: nobody need send the request again.
    """
    if experiment.redelivered is not None:
        left = _missing(expected(experiment, baseline), experiment.redelivered, baseline)
        return not any(left)
    seen = experiment.after_retry
    if seen is None:
        return False
    usual = expected(experiment, baseline)
    again = baseline.step(experiment.broken.step) if experiment.broken else None
    retry = experiment.retry
    if retry and again and retry.answer.succeeded and not carries_key(retry, baseline):
        usual = Observation(
            (*usual.changes, *again.observed.changes), (*usual.effects, *again.observed.effects)
        )
    lost_rows, lost_effects = _missing(usual, seen, baseline)
    return not lost_rows and not lost_effects


def _phrase(lost_rows: Rows, lost_effects: Effects) -> str:
    parts = []
    if lost_rows:
        many = evidence.count_of(lost_rows.total(), "row change")
        parts.append(f"{many} missing in {evidence.tables(lost_rows)}")
    if lost_effects:
        kinds = ", ".join(sorted({fact.kind for fact in lost_effects}))
        parts.append(f"{evidence.count_of(lost_effects.total(), 'effect')} never happened ({kinds})")
    return " and ".join(parts)
