"""Two racing requests: whose a crossing is, and who waits for whom."""

from __future__ import annotations

import asyncio

import pytest

from ripstop.model.fault import FaultSpec, Yield
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import CrossingId, Kind, Phase
from ripstop.seams.board import Board, Ticket
from ripstop.seams.turns import _OUT_OF_TURN, Racer, Turns

STEP, RIVAL = "POST /orders", "rival: POST /orders"
UPDATE = Injection(CrossingId(STEP, "db", "UPDATE stock"), FaultSpec.of("race"))
ORDER = (("db", "SELECT stock"), ("db", "UPDATE stock"), ("db", "COMMIT"))


class Course:
    """A board on which two requests race; ``cross`` is what a seam does with a statement of theirs."""

    def __init__(self) -> None:
        self.board = Board()
        self.first, self.second = Racer(STEP, Phase.CALL, ORDER), Racer(RIVAL, Phase.RIVAL, ORDER)
        self.turns = self.board.turns = Turns(self.first, self.second, self.board.fire)
        self.board.enter(Phase.CALL, STEP)
        self.board.arm([Armed(UPDATE, _OUT_OF_TURN.fault)])
        self.done: list[str] = []

    def arrive(self, operation: str, session: int) -> Ticket:
        kind = Kind.COMMIT if operation == "COMMIT" else Kind.WRITE
        return self.board.open("db", "postgres", operation, kind, session=session)

    async def cross(self, operation: str, session: int) -> None:
        ticket = self.arrive(operation, session)
        if ticket.fault and Yield() in ticket.fault.on_request(ticket.crossing):
            await self.board.yield_turn(ticket)
        self.done.append(f"{ticket.crossing.phase} {operation}")
        self.board.close(ticket)

    async def request(self, racer: Racer, session: int) -> None:
        racer.sent = True
        for _, operation in ORDER:
            await self.cross(operation, session)
            await asyncio.sleep(0)
        racer.answered = racer.over = True
        self.turns.give(self.turns.other(racer))


@pytest.fixture
def course() -> Course:
    return Course()


def test_the_first_stands_at_its_crossing_until_the_second_is_over(course: Course) -> None:
    async def race() -> None:
        first = asyncio.ensure_future(course.request(course.first, 1))
        await asyncio.sleep(0.01)
        await course.request(course.second, 2)
        await first

    asyncio.run(race())

    firsts = ["call SELECT stock", "call UPDATE stock", "call COMMIT"]
    assert course.done == [firsts[0], "rival SELECT stock", "rival UPDATE stock", "rival COMMIT", *firsts[1:]]
    assert course.board.fired == (UPDATE,)


def test_a_second_that_is_never_sent_makes_no_race(course: Course) -> None:
    async def alone() -> None:
        course.second.over = True
        await course.request(course.first, 1)

    asyncio.run(alone())

    assert course.done == ["call SELECT stock", "call UPDATE stock", "call COMMIT"]
    assert course.board.fired == ()


def test_who_has_not_the_turn_waits_at_its_next_crossing(course: Course) -> None:
    course.first.sent = course.second.sent = True
    course.arrive("SELECT stock", 1)
    early = course.arrive("SELECT stock", 2)

    assert early.crossing.phase is Phase.RIVAL
    assert early.armed is _OUT_OF_TURN
    assert "turn" not in {i.fault.name for i in course.board.fired}


def test_a_crossing_both_could_have_made_is_his_who_comes_to_it_next(course: Course) -> None:
    course.first.sent = course.second.sent = True
    course.first.made, course.second.made = 1, 2

    assert course.turns.whose("db", 9, "UPDATE stock") is course.first
    assert course.turns.whose("db", 9, "COMMIT") is course.second


def test_else_it_is_his_whose_session_it_was_and_else_his_whose_turn_it_is(course: Course) -> None:
    course.first.sent = course.second.sent = True
    course.first.made = course.second.made = 1
    course.turns._sessions["db", 2] = course.second

    assert course.turns.whose("db", 2, "UPDATE stock") is course.second
    assert course.turns.whose("db", 3, "UPDATE stock") is course.first


def test_each_racers_crossings_are_numbered_apart(course: Course) -> None:
    course.first.sent = True
    course.board.close(course.arrive("UPDATE stock", 1))
    course.first.over, course.second.sent = True, True
    second = course.arrive("UPDATE stock", 2)

    assert (second.crossing.id.step, second.crossing.id.nth) == (RIVAL, 1)


def test_released_nobody_waits_any_more(course: Course) -> None:
    async def race() -> None:
        course.first.sent = True
        held = asyncio.ensure_future(course.cross("UPDATE stock", 1))
        await asyncio.sleep(0.01)
        assert not held.done()
        course.turns.release()
        await asyncio.wait_for(held, 1)

    asyncio.run(race())

    assert course.done == ["call UPDATE stock"]
