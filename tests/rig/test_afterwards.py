"""Late work is waited for by what it leaves, and idle rounds are learned by listening."""

from __future__ import annotations

import threading
from collections import Counter

from ripstop.model.state import Change, Effect, Observation
from ripstop.model.trace import Kind, Phase
from ripstop.rig.afterwards import shape, wait_for, wanted
from ripstop.rig.idling import watch
from ripstop.seams.board import Board

TAKEN = Change("insert", "orders", None, {"id": "1"})
PARCEL = Effect("courier", "parcel", "k-1")
DONE = Observation((TAKEN,), (PARCEL,))


def test_only_steps_that_were_answered_are_waited_for() -> None:
    left = {"POST /orders": shape(DONE)}

    assert wanted(left, ["GET /orders"]) == Counter()
    assert wanted(left, ["POST /orders", "POST /orders"]) == shape(DONE)


def test_work_that_is_there_in_the_end_is_done_and_who_died_over_it_is_told() -> None:
    seen = iter([Observation((TAKEN,)), Observation((TAKEN,)), DONE])
    deaths = iter(["the worker ended", ""])

    assert wait_for(shape(DONE), lambda: next(seen), lambda: next(deaths), 5) == (True, "the worker ended")


def test_work_that_never_comes_is_waited_for_no_longer_than_said() -> None:
    assert wait_for(shape(DONE), Observation, str, 0.05) == (False, "")


def test_what_a_worker_repeats_is_learned_with_its_rhythm() -> None:
    board, over = Board(owner=lambda _port: "worker"), threading.Event()
    board.enter(Phase.CALL, "POST /orders")

    def poll() -> None:
        while not over.wait(0.02):
            board.close(board.open("db", "postgres", "SELECT jobs", Kind.READ, session=1, port=1))

    polling = threading.Thread(target=poll)
    polling.start()
    learned = watch(board)
    over.set()
    polling.join()

    assert learned.done == board.idle == {("worker", "db", "SELECT jobs")}
    assert learned.every_ms >= 20
    assert board.watched is None
