from __future__ import annotations

import pytest

from ripstop.wire.postgres import messages as wire
from ripstop.wire.postgres.backend import Backend
from ripstop.wire.postgres.errors import error_response
from ripstop.wire.postgres.frontend import Frontend
from ripstop.wire.postgres.messages import WireError, message
from ripstop.wire.postgres.session import QUEUE_LIMIT, UNSETTLED_LIMIT, Session

EXECUTED = b"1\0\0\0\4" + b"2\0\0\0\4" + message(b"C", b"DONE\0")
ERROR = error_response({"S": "ERROR", "V": "ERROR", "C": "23505", "M": "duplicate"})


class Both:
    """A session fed from both sides."""

    def __init__(self) -> None:
        self.session = Session()
        self._front, self._back = Frontend(self.session), Backend(self.session)

    def client(self, *data: bytes) -> None:
        self._front.receive(b"".join(data))
        while self._front.advance():
            pass
        self._front.take()

    def server(self, *data: bytes) -> list[tuple[str, str]]:
        self._back.relay(b"".join(data))
        return [(asked.sql, asked.outcome) for asked in self.session.take_answered()]


def run(sql: str) -> bytes:
    return wire.parse("", sql) + wire.bind("", "") + wire.execute("")


def test_a_statement_that_commits_by_itself_is_settled_at_its_sync() -> None:
    both = Both()
    both.client(run("INSERT INTO t VALUES (1)"), wire.SYNC)

    assert both.server(EXECUTED) == []
    assert both.server(wire.ready("I")) == [("INSERT INTO t VALUES (1)", "ok")]


def test_an_error_at_the_sync_is_the_statements_own() -> None:
    both = Both()
    both.client(run("INSERT INTO t VALUES (1)"), wire.SYNC)

    assert both.server(EXECUTED, ERROR, wire.ready("I")) == [("INSERT INTO t VALUES (1)", "error:23505")]


def test_within_a_transaction_a_statement_is_settled_by_its_own_reply() -> None:
    both = Both()
    both.client(run("BEGIN"), run("SELECT 1"), run("COMMIT"), run("SELECT 2"), wire.SYNC)

    assert both.server(EXECUTED) == [("BEGIN", "ok")]
    assert both.session.status == "T"
    assert both.server(EXECUTED, EXECUTED) == [("SELECT 1", "ok"), ("COMMIT", "ok")]
    assert both.session.status == "I"
    assert both.server(EXECUTED) == []


def test_after_an_error_everything_up_to_the_sync_is_skipped() -> None:
    both = Both()
    both.client(run("SELECT 1"), run("SELECT 2"), wire.SYNC, run("SELECT 3"), wire.SYNC)
    answered = both.server(b"1\0\0\0\4", ERROR, wire.ready("I"), EXECUTED, wire.ready("I"))

    assert answered == [("SELECT 1", "error:23505"), ("SELECT 2", "skipped"), ("SELECT 3", "ok")]


def test_what_is_sent_after_the_error_came_is_skipped_too() -> None:
    both = Both()
    both.client(run("SELECT 1"))
    both.server(ERROR)
    both.client(run("SELECT 2"), wire.SYNC)

    assert both.server(wire.ready("I")) == [("SELECT 2", "skipped")]
    assert not both.session.queue


def test_a_sync_sent_into_a_copy_is_owed_nothing() -> None:
    both = Both()
    copy_in, data = message(b"G", b"\0\0\0"), message(b"d", b"1\n")
    both.client(run("COPY t FROM STDIN"), wire.SYNC)
    both.server(b"1\0\0\0\4" + b"2\0\0\0\4", copy_in)
    both.client(data, message(b"c", b""), wire.SYNC)

    assert both.server(message(b"C", b"COPY 1\0"), wire.ready("I")) == [("COPY t FROM STDIN", "ok")]
    assert not both.session.queue


def test_a_copy_sent_ahead_of_its_answer_is_owed_the_last_sync_only() -> None:
    both = Both()
    data = message(b"d", b"1\n") + message(b"c", b"")
    both.client(run("COPY t FROM STDIN"), wire.SYNC, data, wire.SYNC, run("SELECT 1"), wire.SYNC)
    both.server(b"1\0\0\0\4" + b"2\0\0\0\4", message(b"G", b"\0\0\0"), message(b"C", b"COPY 1\0"))

    assert both.server(wire.ready("I")) == [("COPY t FROM STDIN", "ok")]
    assert both.server(EXECUTED, wire.ready("I")) == [("SELECT 1", "ok")]


def test_chained_transactions_stay_open() -> None:
    both = Both()
    both.client(run("BEGIN"), run("COMMIT AND CHAIN"), run("SELECT 1"), wire.SYNC)
    both.server(EXECUTED, EXECUTED)

    assert both.session.status == "T"
    assert both.session.under_way[0].in_transaction


def test_a_savepoints_rollback_leaves_the_transaction_open() -> None:
    both = Both()
    both.client(run("BEGIN"), run("ROLLBACK TO SAVEPOINT a"), run("SELECT 1"), wire.SYNC)

    assert both.session.under_way[-1].in_transaction


def test_the_end_of_an_idle_session_is_remembered() -> None:
    both = Both()
    both.server(ERROR)

    assert both.session.failing == "error:23505"


def test_of_very_many_statements_before_one_sync_the_earliest_are_settled_by_their_reply() -> None:
    both = Both()
    for _ in range(UNSETTLED_LIMIT + 2):
        both.client(run("INSERT INTO t VALUES (1)"))
        settled = both.server(EXECUTED)

    assert settled == [("INSERT INTO t VALUES (1)", "ok")]
    assert len(both.session.under_way) == UNSETTLED_LIMIT


@pytest.mark.parametrize("sent", [wire.query("SELECT 1"), message(b"c", b"")])
def test_what_is_sent_ahead_is_bounded(sent: bytes) -> None:
    both = Both()
    both.client(wire.query("SELECT pg_sleep(60)"), sent * (QUEUE_LIMIT - 1))
    with pytest.raises(WireError):
        both.client(sent)


def test_a_status_is_not_read_from_the_message_behind_it() -> None:
    both = Both()
    both.client(wire.query("SELECT 1"))
    with pytest.raises(WireError):
        both.server(b"Z\0\0\0\4" + message(b"T", b""))
