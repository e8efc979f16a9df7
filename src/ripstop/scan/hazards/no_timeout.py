"""A call to somebody else that may wait for ever."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Hazard
from ripstop.scan.hazards.asking import is_external
from ripstop.scan.hazards.asking import named as told
from ripstop.scan.hazards.subject import Reason, Subject

_PAGE = """\
## What it checks

Every external call says how long it may take, where its library has no limit of its own.

## Why it matters

`requests`, `fetch`, `axios` and many clients wait without bound unless told otherwise. A provider that
accepts the connection and then says nothing holds a worker of yours until it is restarted; a few such
requests are an outage of everything.

## Example

```python
requests.post(url, json=body)
```

## What to do instead

State a limit that is shorter than your caller's own patience, and answer for its passing:

```python
requests.post(url, json=body, timeout=(1, 5))
```

In JavaScript: `fetch(url, { signal: AbortSignal.timeout(5_000) })`.
"""

REASON = Reason("no-timeout", "external call without a time-out", 15, _PAGE)


def hazards(subject: Subject) -> Iterator[Hazard]:
    """Each external call of which it is known that it states no limit."""
    for reach in subject.reaches:
        if is_external(reach) and reach.timeout is False:
            yield REASON.hazard(f"{told(reach)} states no time-out", reach.place, reach.sureness)
