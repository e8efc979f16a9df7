"""The cost of leaving a failure mode untested: plain arithmetic on a person's numbers and stated assumptions.

For a failure mode at a crossing, with ``n`` failure modes of its kind there:

    expected cost a month = frequency x cost of one failure x rate of that kind / n

``frequency`` (runs a month) and the cost of one failure come from a person; without either there is no
amount, and what is missing is named. The rates are assumptions: of a million crossings, how many fail in some
way of that kind. They are printed with every amount and can be set; amounts grow with them in proportion. A
crossing that a run makes several times counts once.

The minutes a test takes are assumptions too: ``WRITE_MINUTES`` to write one by hand with its fault, and to
run it a second, or the time an answer may take where the fault makes the caller wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ripstop.model.survey import Stake
from ripstop.records.record import TORN, Mode, Record

WRITE_MINUTES = 15
_RUN_S = 1.0
_BUDGET_S = 5.0
_WAITING = frozenset({"hang", "stall", "late_reply", "unreachable", "paused"})
_STRUCK = frozenset({"killed", "terminated", "paused"})
_KINDS = {"client": "caller", "http": "provider", "smtp": "provider", "process": "process"}
KINDS = {
    "provider": "a call to somebody else's server (http, smtp)",
    "server": "a call to a server of one's own (database, cache, queue)",
    "process": "the service's process ends or stands still",
    "caller": "the caller repeats, hangs up, or sends what is wrong",
}
PER_MILLION: Mapping[str, float] = {"provider": 1_000.0, "server": 20.0, "process": 20.0, "caller": 1_000.0}


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is assumed of how often things fail: of a million crossings so many, by kind."""

    per_million: Mapping[str, float] = field(default_factory=lambda: dict(PER_MILLION))


@dataclass(frozen=True, slots=True)
class Left:
    """An untested failure mode: its kind, its expected cost a month (None where a number is missing)."""

    mode: Mode
    kind: str
    a_month: float | None
    write_minutes: float
    run_minutes: float


def kind_of(mode: Mode) -> str:
    """Which of KINDS a failure mode is."""
    return "process" if mode.fault in _STRUCK else _KINDS.get(mode.protocol, "server")


def missing(stake: Stake) -> tuple[str, ...]:
    """The numbers without which there is no amount, by the names under which they are stated."""
    asked = {"frequency": stake.frequency, "cost_of_failure": stake.cost_of_failure}
    return tuple(name for name, number in asked.items() if number is None)


def left(record: Record, assumed: Assumed) -> tuple[Left, ...]:
    """Every untested failure mode of a single fault with its cost: torn ones first, then the dearest."""
    alone = [mode for mode in record.modes if not mode.after]
    kinds = Counter((mode.place[:3], kind_of(mode)) for mode in alone)
    found = [_left(mode, record, assumed, kinds[mode.place[:3], kind_of(mode)]) for mode in alone]
    untested = [one for one in found if not one.mode.tested_by]
    return tuple(sorted(untested, key=lambda one: (one.mode.mark != TORN, -(one.a_month or 0.0))))


def _left(mode: Mode, record: Record, assumed: Assumed, alike: int) -> Left:
    kind = kind_of(mode)
    stake = record.stake
    amount = None
    if stake.frequency is not None and stake.cost_of_failure is not None:
        rate = assumed.per_million.get(kind, 0.0) / 1_000_000
        amount = stake.frequency * stake.cost_of_failure * rate / alike
    waits = record.budget_ms / 1_000 or _BUDGET_S if mode.fault in _WAITING else 0.0
    return Left(mode, kind, amount, WRITE_MINUTES, (_RUN_S + waits) / 60)
