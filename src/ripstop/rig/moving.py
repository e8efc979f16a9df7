"""Moving a run's clock before its steps, to moments this very run has told; and what was told.

A fault says which moment it means. When that is, only the run knows: its tokens are its own. Nothing is
moved back while the service works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ripstop.model.experiment import Experiment, Moved
from ripstop.model.fault import Facts, MoveClock
from ripstop.model.http import Exchange
from ripstop.model.plan import Armed, Injection
from ripstop.model.state import Change
from ripstop.model.trace import Phase
from ripstop.rig import moments
from ripstop.rig.expiries import Expiry, Told, distinct, in_answers, in_keys, in_rows, shown, spoilt
from ripstop.service.clock import Clock


@dataclass(slots=True)
class Moving:
    """The clock of one rig, and what its run told of time so far.

    ``changes`` are the committed row changes so far, ``lives`` by seam the milliseconds that keys have left.
    ``ahead`` are faults whose moment the next run takes
    place at from its set-up on.
    """

    clock: Clock | None
    changes: Callable[[], Sequence[Change]]
    lives: Callable[[], Mapping[str, Mapping[str, int]]] = dict
    zone: str = ""
    ahead: tuple[Armed, ...] = ()
    told: list[Told] = field(default_factory=list)
    moved: Moved | None = None
    _rows: list[tuple[int, Expiry]] = field(default_factory=list)
    """From learning runs: what rows and keys told, with how many exchanges there were by then."""
    _sent_s: float = 0.0
    _done: set[Injection] = field(default_factory=set)
    _aimed: dict[str, Expiry] = field(default_factory=dict)
    """By place, the expiries that the clock was moved for: told before they were over."""

    def begin(self) -> None:
        """A new run; those that are to take place at another time are moved there."""
        self.told.clear()
        self._rows.clear()
        self._done.clear()
        self._aimed.clear()
        self.moved = None
        for armed, move in _moves(self.ahead):
            if move.whole_run and self._move(move):
                self._done.add(armed.injection)
        self.ahead = ()

    def before_step(self, armed: Sequence[Armed]) -> Iterator[Injection]:
        """Move the clock as the faults of a step want it; those that have happened by that."""
        for one, move in _moves(armed):
            if one.injection in self._done or (not move.whole_run and self._move(move)):
                self._done.add(one.injection)
                yield one.injection

    def sent(self) -> None:
        """A request is about to be sent."""
        self._sent_s = self._now_s()

    def answered(self, exchanges: Sequence[Exchange]) -> None:
        """A request was answered; the last of these, if it was one of the test's."""
        if self.clock and exchanges and (not self.told or self.told[-1].exchange is not exchanges[-1]):
            self.told.append(Told(exchanges[-1], self._sent_s, self._now_s()))

    def learn(self) -> None:
        """Take in what the rows and keys of a step tell, once it has come to rest."""
        if self.clock:
            known = {(expiry.place, expiry.credentials) for _, expiry in self._rows}
            fresh = [one for one in self._stored() if (one.place, one.credentials) not in known]
            self._rows += [(len(self.told), one) for one in fresh]

    def facts(self, step: str) -> Facts:
        """What the run that is over told of time, as far as a step of it is concerned."""
        calls = [i for i, one in enumerate(self.told) if one.exchange.phase == Phase.CALL.value]
        here = next((i for i in calls if self.told[i].exchange.step == step), None)
        if here is None:
            return Facts(zone=self.zone)
        places = tuple(one.place for one in self._before(here))
        return Facts(zone=self.zone, first=here == calls[0], expiries=places)

    def credential(self, armed: Sequence[Armed], exchange: Exchange) -> tuple[str, str]:
        """The place of the expiry that the clock was moved for, and the credential of it that a request
        shows; empty where it shows none, or another one beside it, or nothing certain was said."""
        for _, move in _moves(armed):
            expiry = self._aimed.get(move.of)
            if expiry and expiry.certain and (value := shown(exchange.request, expiry)):
                return expiry.place, value
        return "", ""

    def _before(self, here: int) -> Iterator[Expiry]:
        """What was told before an exchange, as far as that shows it, or follows at once."""
        request = self.told[here].exchange.request
        answers = [(i + 1, e) for i, one in enumerate(self.told[:here]) for e in in_answers([one])]
        latest = {e.place: (at, e) for at, e in (*answers, *((a, e) for a, e in self._rows if a <= here))}
        follows = here > 0 and self.told[here - 1].exchange.phase == Phase.CALL.value
        for one in distinct(e for _, e in latest.values()):
            if shown(request, one) or (follows and latest[one.place][0] == here):
                yield one

    def _expiry(self, place: str) -> Expiry | None:
        """The latest that this run told at a place."""
        stored = self._stored() if " /" not in place else ()
        found = [one for one in (*in_answers(self.told), *stored) if one.place == place]
        return found[-1] if found else None

    def _stored(self) -> Iterator[Expiry]:
        """What databases and key stores hold that ends."""
        yield from in_rows(self.changes(), self._now_s())
        for seam, lives in self.lives().items():
            yield from in_keys(seam, lives, self._now_s())

    def _move(self, move: MoveClock) -> bool:
        """Show the moment; False where this run has none, or it is over."""
        at = self._moment(move)
        if self.clock is None or at is None or at <= self.clock.now():
            return False
        self.moved = Moved((at - self.clock.now()).total_seconds(), at.isoformat(timespec="seconds"))
        self.clock.set(at)
        return True

    def _moment(self, move: MoveClock) -> datetime | None:
        if move.whole_run:
            return moments.named(move.to, self._now(), self.zone)
        if move.to == "now":
            return datetime.fromtimestamp(self._now_s() + move.by_s, UTC)
        expiry = self._expiry(move.of)
        if expiry is None:
            return None
        self._aimed[move.of] = expiry
        return datetime.fromtimestamp((expiry.last_s if move.by_s > 0 else expiry.first_s) + move.by_s, UTC)

    def _now(self) -> datetime:
        return self.clock.now() if self.clock else datetime.now(UTC)

    def _now_s(self) -> float:
        return self._now().timestamp()


def moves(armed: Sequence[Armed]) -> bool:
    """Whether faults move the clock."""
    return any(True for _ in _moves(armed))


def with_control(
    moving: Moving, armed: Sequence[Armed], record: Experiment, send: Callable[[Exchange], Exchange]
) -> Experiment:
    """The record with what is known of an expired credential: whether the broken request shows it, and
    what the same request is answered with a wrong one in its place."""
    broken = record.broken
    record = replace(record, moved=moving.moved)
    if broken is None or not record.fired:
        return record
    place, value = moving.credential(armed, broken)
    if not value:
        return record
    control = None
    if broken.answer.succeeded:
        control = send(replace(broken, request=spoilt(broken.request, value)))
    return replace(record, credential=place, spoilt=control)


def _moves(armed: Sequence[Armed]) -> Iterator[tuple[Armed, MoveClock]]:
    for one in armed:
        yield from ((one, command) for command in one.fault.at_step() if isinstance(command, MoveClock))
