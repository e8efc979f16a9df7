"""What time it is for a double: that of the service it answers, also where this is moved.

A double says it with ``Double.now``; its handlers ask here, wherever they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Now = Callable[[], float]
_NOW: ContextVar[Now] = ContextVar("now", default=time.time)


def now() -> float:
    """Seconds since 1970 for the double whose handler runs; real time where none does."""
    return _NOW.get()()


@contextmanager
def told_by(clock: Now) -> Iterator[None]:
    """Let ``now`` ask this clock while the block runs."""
    token = _NOW.set(clock)
    try:
        yield
    finally:
        _NOW.reset(token)
