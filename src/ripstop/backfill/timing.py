"""A moved clock as lines of a test: how far ahead the run was moved, in the words a person would use."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from ripstop.backfill.encode import Call, CannotRender, Raw
from ripstop.model.experiment import Moved
from ripstop.model.plan import Injection

_BETWEEN = frozenset({"before_expiry", "after_expiry", "next_day"})
_WHOLE = frozenset({"month_end", "leap_day", "dst"})
_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
_LONG_AFTER_S = 60


def moves(injection: Injection) -> bool:
    """Whether the clock was moved, and no seam broken."""
    return injection.fault.name in _BETWEEN | _WHOLE


def takes_place(injection: Injection) -> bool:
    """Whether the whole run takes place at another time."""
    return injection.fault.name in _WHOLE


def move(injection: Injection, moved: Moved | None) -> Call:
    """``seams.clock.advance(hours=24, seconds=2)`` or ``seams.clock.set(datetime(...))``.

    Raises CannotRender where it is not known how far it was moved.
    """
    if moved is None:
        raise CannotRender("it is not known how far the clock was moved")
    clock = f"seams.{injection.crossing.seam}"
    if takes_place(injection):
        at = datetime.fromisoformat(moved.to).astimezone(UTC)
        parts = [at.year, at.month, at.day, at.hour, at.minute]
        return Call(f"{clock}.set", [Raw(f"datetime({', '.join(map(str, parts))}, tzinfo=UTC)")], [])
    return Call(f"{clock}.advance", [], _words(_seconds(injection, moved)))


def _seconds(injection: Injection, moved: Moved) -> int:
    """Whole seconds on the same side of the expiry; minutes where a second more or less is nothing."""
    params = dict(injection.fault.params)
    if injection.fault.name == "before_expiry":
        return max(math.floor(moved.ahead_s), 1)
    late_s = params.get("late_s", _LONG_AFTER_S)
    if isinstance(late_s, int) and late_s >= _LONG_AFTER_S:
        return max(round(moved.ahead_s / 60) * 60, 60)
    return math.ceil(moved.ahead_s)


def _words(seconds: int) -> list[tuple[str, object]]:
    """``days=1`` or ``hours=23, minutes=59, seconds=58``."""
    found: list[tuple[str, object]] = []
    for name, size in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            found.append((name, count))
    return found
