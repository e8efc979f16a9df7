"""At rest: nothing going on, quiet, and what is known to come has come."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from ripstop.model.fault import Commands
from ripstop.model.trace import CrossingId, Kind, Phase
from ripstop.rig.settling import Rest, settle
from ripstop.seams.board import Board


@dataclass
class Quiet:
    """A seam that is at work for as long as it is told to be."""

    name: str = "db"
    protocol: str = "postgres"
    port: int = 0
    doing: list[str] = field(default_factory=list)

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def at_step(self, commands: Commands) -> None: ...

    async def heal(self) -> None: ...

    def busy(self) -> tuple[str, ...]:
        return tuple(self.doing)

    def idle_sessions(self) -> int:
        return 0


def test_a_service_with_nothing_to_do_is_at_rest_at_once() -> None:
    assert settle([Quiet()], Board(), Rest(quiet_ms=0)) == ()


def test_what_still_goes_on_at_the_bound_is_named() -> None:
    assert settle([Quiet(doing=["in a transaction"])], Board(), Rest(bound_ms=20)) == ("in a transaction",)


def test_work_that_ends_within_the_bound_is_waited_for() -> None:
    seam = Quiet(doing=["INSERT orders"])
    timer = threading.Timer(0.03, seam.doing.clear)
    timer.start()

    assert settle([seam], Board(), Rest(bound_ms=5_000)) == ()
    timer.join()


def test_a_crossing_known_to_follow_the_answer_is_waited_for_by_name() -> None:
    board = Board()
    board.enter(Phase.CALL, "POST /orders")
    mail = CrossingId("POST /orders", "db", "INSERT outbox")

    def late() -> None:
        board.close(board.open("db", "postgres", "INSERT outbox", Kind.WRITE))

    timer = threading.Timer(0.03, late)
    timer.start()
    settle([Quiet()], board, Rest(quiet_ms=0, expected=frozenset({mail}), expected_ms=5_000))

    assert [c.id for c in board.trace] == [mail]
    timer.join()


def test_a_crossing_that_never_comes_is_waited_for_only_so_long() -> None:
    never = frozenset({CrossingId("POST /orders", "db", "INSERT outbox")})

    assert settle([Quiet()], Board(), Rest(quiet_ms=0, expected=never, expected_ms=20)) == ()
