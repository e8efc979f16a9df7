"""RS503: what was given out for a time is honoured after it, or refused before it is over."""

from __future__ import annotations

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.http import Answer
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles import evidence
from ripstop.oracles.reading import param

_PAGE = """\
## What it checks

The workflow's own request shows a token, a session or the like that an earlier answer gave out with its
expiry (`exp` of a JSON Web Token, `expires_in`, `expires_at`, a cookie's token). The clock of the service and
its servers is moved past that. Torn: the request is answered as ever, ten minutes after the expiry, while the
same request with a wrong value in the token's place is not.

Just after the expiry nothing is torn: a few seconds of leeway for clocks that differ are usual. A request
that also shows another credential, such as a refresh token, is not judged. Refused a second before the
expiry is advice: sessions may end sooner when nobody uses them.

## Why it matters

Whoever finds an old token in a log, a mail or a backup is let in for ever, and logging out changes nothing.

## Example

```python
claims = jwt.decode(token, KEY, algorithms=["HS256"], options={"verify_exp": False})
row = db.execute("SELECT user_id FROM sessions WHERE token = %s", token)        # expires_at is not asked
```

## What to do instead

Ask for the token and its time at once, by one clock:

```python
"SELECT user_id FROM sessions WHERE token = %s AND expires_at > now()"          # no row: 401
```
"""

RULE = Rule("RS503", "expiry-not-kept", "expiry not kept", Severity.HIGH, _PAGE)
BEFORE, AFTER = "before_expiry", "after_expiry"
MOVES = frozenset({BEFORE, AFTER, "next_day", "month_end", "leap_day", "dst"})
LEEWAY_S = 600
"""No service means to honour what expired so long ago: more than any leeway for clocks that differ."""
_REFUSED = (401, 403)


def moved(experiment: Experiment) -> bool:
    """Whether the clock was moved in a run."""
    return any(injection.fault.name in MOVES for injection in experiment.fired)


def honoured(experiment: Experiment, baseline: Baseline) -> bool:
    """Whether the broken request was answered as ever, and would not have been with a wrong credential."""
    broken, control = experiment.broken, experiment.spoilt
    usual = baseline.step(broken.step) if broken else None
    if broken is None or control is None or usual is None or control.answer.status is None:
        return False
    as_ever = usual.exchange.answer
    return _alike(broken.answer, as_ever) and not _alike(control.answer, as_ever)


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """What was answered to the credential whose expiry the clock was moved to."""
    injection = next((i for i in experiment.fired if i.fault.name in (BEFORE, AFTER)), None)
    broken = experiment.broken
    if injection is None or broken is None or not experiment.credential:
        return None
    shown = {"answer": evidence.answer(broken.answer), "expiry": experiment.credential}
    step, status = broken.step, broken.answer.status
    if injection.fault.name == BEFORE:
        if status not in _REFUSED:
            return Verdict(RULE, Status.HELD, "honoured until it expires")
        told = f"{step} answered {status} {param(injection, 'early_s')} s before what it shows expires"
        return Verdict(RULE, Status.TORN, told, shown, severity=Severity.ADVICE)
    late_s = param(injection, "late_s")
    if not honoured(experiment, baseline):
        return Verdict(RULE, Status.HELD, "refused once it had expired, or anybody is let in")
    if not isinstance(late_s, int) or late_s < LEEWAY_S:
        return Verdict(RULE, Status.HELD, "honoured just after it had expired: a leeway, if it ends")
    told = f"{step} answered {status} to what had expired {late_s} s before ({experiment.credential})"
    return Verdict(RULE, Status.TORN, told, shown)


def _alike(answer: Answer, usual: Answer) -> bool:
    """Whether a caller is let in as ever: a redirect to another place, such as a login, is none."""
    return answer.status == usual.status and answer.header("location") == usual.header("location")
