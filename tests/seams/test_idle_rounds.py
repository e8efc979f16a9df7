"""What a worker does when nobody asks for anything passes the board unnumbered, up to its first real work."""

from __future__ import annotations

from ripstop.model.trace import Kind, Phase
from ripstop.seams.board import Board, Ticket

WEB, WORKER = 4_000, 5_000
SESSIONS = {WEB: 1, WORKER: 2}
IDLE = frozenset(("worker", "db", operation) for operation in ("BEGIN", "SELECT jobs", "COMMIT"))


def board() -> Board:
    made = Board(owner=lambda port: "worker" if port == WORKER else "", idle=IDLE)
    made.enter(Phase.CALL, "POST /orders")
    return made


def cross(board: Board, operation: str, kind: Kind, port: int = WORKER) -> Ticket:
    within = kind is not Kind.BEGIN
    ticket = board.open(
        "db", "postgres", operation, kind, session=SESSIONS[port], port=port, in_transaction=within
    )
    board.close(ticket)
    return ticket


def rounds(board: Board) -> None:
    cross(board, "BEGIN", Kind.BEGIN)
    cross(board, "SELECT jobs", Kind.READ)
    cross(board, "COMMIT", Kind.COMMIT)


def test_idle_rounds_leave_no_trace_and_no_unrest() -> None:
    made = board()
    before = made.activity

    rounds(made)

    assert (made.trace, made.activity) == ((), before)


def test_a_round_that_finds_work_counts_from_the_work_to_its_commit() -> None:
    made = board()
    cross(made, "BEGIN", Kind.BEGIN)
    cross(made, "SELECT jobs", Kind.READ)
    cross(made, "DELETE jobs", Kind.WRITE)
    cross(made, "COMMIT", Kind.COMMIT)
    rounds(made)

    assert [(c.id.operation, c.id.nth, c.process) for c in made.trace] == [
        ("DELETE jobs", 1, "worker"),
        ("COMMIT", 1, "worker"),
    ]


def test_the_same_statements_of_the_service_itself_count() -> None:
    made = board()

    cross(made, "BEGIN", Kind.BEGIN, WEB)

    assert [(c.id.operation, c.process) for c in made.trace] == [("BEGIN", "")]


def test_while_watched_everything_a_worker_does_is_noted() -> None:
    made = board()
    made.watched = {}
    rounds(made)
    cross(made, "BEGIN", Kind.BEGIN, WEB)

    assert set(made.watched) == IDLE
