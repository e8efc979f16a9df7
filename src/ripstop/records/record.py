"""The nouns of a workflow's record: what its runs showed, which tests guard it, what a person says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ripstop.model.survey import Stake

Place = tuple[str, str, str, int]
"""A crossing: step, seam, operation, and the how many-eth of its kind, from 1."""
HELD, TORN, UNKNOWN, NOT_EXERCISED = "held", "torn", "unknown", "not exercised"


@dataclass(frozen=True, slots=True)
class Crossed:
    """One crossing of the run without faults. ``process`` is empty for the service itself."""

    step: str
    seam: str
    protocol: str
    operation: str
    nth: int = 1
    kind: str = ""
    tables: tuple[str, ...] = ()
    after_answer: bool = False
    process: str = ""
    outcome: str = ""

    @property
    def place(self) -> Place:
        return (self.step, self.seam, self.operation, self.nth)


@dataclass(frozen=True, slots=True)
class Usual:
    """What a step does when nothing is broken: its answer, and rows and effects by kind."""

    step: str
    status: int | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    effects: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mode:
    """One failure mode: a fault at a crossing, what came of it, and the tests in which it happens.

    ``mark`` is ``held``, ``torn``, ``unknown`` or ``not exercised``; ``note`` the codes of what tore or the
    slug of why it was not exercised; ``reason`` one sentence; ``outcome`` the evidence of the experiment;
    ``after`` are faults that were let happen before this one, ``tries`` how often it was at this crossing
    (0: each time it was made), ``replay`` the id to run it again by, where it is a finding.
    """

    step: str
    seam: str
    protocol: str
    operation: str
    fault: str
    nth: int = 1
    tries: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    mark: str = NOT_EXERCISED
    note: str = ""
    reason: str = ""
    outcome: Mapping[str, Any] = field(default_factory=dict)
    tested_by: tuple[str, ...] = ()
    replay: str = ""

    @property
    def place(self) -> Place:
        return (self.step, self.seam, self.operation, self.nth)


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of one workflow. ``steps`` are the requests its test sends, in order."""

    nodeid: str
    name: str
    steps: tuple[str, ...] = ()
    crossings: tuple[Crossed, ...] = ()
    usual: tuple[Usual, ...] = ()
    modes: tuple[Mode, ...] = ()
    stake: Stake = field(default_factory=Stake)
    idempotency_key: str = ""
    budget_ms: int = 0

    @property
    def untested(self) -> tuple[Mode, ...]:
        """Failure modes that happen in no test."""
        return tuple(mode for mode in self.modes if not mode.tested_by)

    @property
    def varied(self) -> frozenset[tuple[Place, str]]:
        """Faults that were let happen at one crossing for a while and also each time."""
        found: dict[tuple[Place, str], set[int]] = {}
        for mode in self.modes:
            if mode.outcome:
                found.setdefault((mode.place, mode.fault), set()).add(mode.tries)
        return frozenset(key for key, tries in found.items() if len(tries) > 1)

    @property
    def dependencies(self) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """(seam, protocol, tables) of whatever the service needs, in the order it is first reached."""
        found: dict[tuple[str, str], dict[str, None]] = {}
        for one in self.crossings:
            found.setdefault((one.seam, one.protocol), {}).update(dict.fromkeys(one.tables))
        return tuple((seam, protocol, tuple(tables)) for (seam, protocol), tables in found.items())

    def happened(self, mark: str) -> tuple[Mode, ...]:
        return tuple(mode for mode in self.modes if mode.mark == mark)
