"""RS104: an answer that shows the inside: stack trace, SQL, driver text, file paths, credentials."""

from __future__ import annotations

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.http import Exchange
from ripstop.model.secrets import mask_text
from ripstop.model.verdict import Rule, Severity, Status, Verdict
from ripstop.oracles.bodies import leaks
from ripstop.oracles.reading import from_broken

_PAGE = """\
## What it checks

No answer holds a stack trace, SQL text, a database driver's or HTTP client's own words, an absolute
file path of the service, a connection string or a password. What the baseline's answer shows as well
is not held against it.

## Why it matters

Error texts are written for those who run the service. They name tables, hosts, users and versions,
and now and then a password, to whoever can make the service fail.

## Example

```python
except Exception as error:
    raise HTTPException(500, detail=str(error))
    # "connection to server at \\"10.0.3.7\\", port 5432 failed: FATAL: password authentication ..."
```

## What to do instead

Log the error with an id, answer with the id:

```python
except OperationalError:
    log.exception("saving the order failed", extra={"incident": incident})
    raise HTTPException(503, {"error": "database_unavailable", "incident": incident})
```

Keep debug pages off wherever anyone else can reach the service.
"""

RULE = Rule("RS104", "leaky-answer", "leaky answer", Severity.MEDIUM, _PAGE)

_EXCERPT = 160


def check(experiment: Experiment, baseline: Baseline) -> Verdict | None:
    """Every answer of the call from the broken one on, and the retry's."""
    sent = [*from_broken(experiment), *([experiment.retry] if experiment.retry else [])]
    answered = [e for e in sent if e.answer.status is not None]
    if not answered:
        return None
    for exchange in answered:
        found = _new_leaks(exchange, baseline)
        if found:
            kinds = " and ".join(found)
            severity = Severity.HIGH if "credentials" in found else None
            shown = {"step": exchange.step, "status": exchange.answer.status, "leaks": _excerpts(found)}
            summary = f"{exchange.step} answered {exchange.answer.status} with {kinds} in the body"
            return Verdict(RULE, Status.TORN, summary, shown, severity=severity)
    return Verdict(RULE, Status.HELD, "no answer showed the inside of the service")


def _new_leaks(exchange: Exchange, baseline: Baseline) -> dict[str, str]:
    usual = baseline.step(exchange.step)
    known = leaks(usual.exchange.answer) if usual else {}
    return {kind: text for kind, text in leaks(exchange.answer).items() if kind not in known}


def _excerpts(found: dict[str, str]) -> dict[str, str]:
    return {kind: mask_text(text)[:_EXCERPT] for kind, text in found.items()}
