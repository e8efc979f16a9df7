"""Which request a reply answers: in order, with the exceptions the protocol has."""

from __future__ import annotations

from ripstop.model.trace import Kind
from ripstop.wire.redis.replies import Replies, Reply
from ripstop.wire.redis.requests import Request, Requests
from ripstop.wire.redis.session import Asked, Session


class Conversation:
    """A session, asked in inline commands and answered in RESP."""

    def __init__(self) -> None:
        self.session = Session()

    def ask(self, *lines: str) -> list[Asked]:
        reader = Requests()
        reader.receive("".join(f"{line}\r\n" for line in lines).encode())
        found = []
        while (request := reader.next()) is not None:
            assert isinstance(request, Request)
            asked = self.session.read(request)
            self.session.ask(asked, request)
            found.append(asked)
        return found

    def answer(self, data: bytes) -> list[Asked | None]:
        reader = Replies()
        reader.receive(data)
        found = []
        while (reply := reader.next()) is not None:
            assert isinstance(reply, Reply)
            found.append(self.session.answer(reply))
        return found


def confirm(word: str, channel: str, left: int, mark: str = "*") -> bytes:
    return f"{mark}3\r\n+{word}\r\n+{channel}\r\n:{left}\r\n".encode()


def test_replies_settle_requests_in_order() -> None:
    talk = Conversation()
    first, second, third = talk.ask("SET a 1", "INCR b", "GET c")

    assert talk.answer(b"+OK\r\n-WRONGTYPE Operation\r\n$-1\r\n") == [first, second, third]
    assert [first.outcome, second.outcome, third.outcome] == ["ok", "error:WRONGTYPE", "ok"]
    assert third.null
    assert not talk.session.owed


def test_a_transaction_holds_its_writes_open_from_queued_to_exec() -> None:
    talk = Conversation()
    _, write, read, execute = talk.ask("MULTI", "SET a 1", "GET a", "EXEC")
    assert (write.in_transaction, read.in_transaction, execute.command.kind) == (True, True, Kind.COMMIT)
    talk.answer(b"+OK\r\n+QUEUED\r\n")
    assert talk.session.open_writes == ("SET a",)

    talk.answer(b"+QUEUED\r\n*2\r\n+OK\r\n+1\r\n")

    assert talk.session.open_writes == ()
    assert not talk.session.in_transaction


def test_a_refused_multi_begins_nothing_and_a_nested_one_ends_nothing() -> None:
    talk = Conversation()
    talk.ask("MULTI")
    talk.answer(b"-NOAUTH Authentication required.\r\n")
    assert not talk.session.in_transaction

    talk.ask("MULTI", "SET a 1", "MULTI")
    talk.answer(b"+OK\r\n+QUEUED\r\n-ERR MULTI calls can not be nested\r\n")
    assert talk.session.in_transaction


def test_each_channel_is_confirmed_and_messages_answer_nothing() -> None:
    talk = Conversation()
    (listen,) = talk.ask("SUBSCRIBE a b")
    message = b"*3\r\n+message\r\n+a\r\n+hi\r\n"

    talk.answer(confirm("subscribe", "a", 1))
    assert talk.answer(message) == [None]
    assert listen.outcome == ""
    talk.answer(confirm("subscribe", "b", 2))

    assert listen.outcome == "ok"
    assert talk.session.subscribed


def test_unsubscribing_from_everything_is_confirmed_once_for_each_channel() -> None:
    talk = Conversation()
    talk.ask("SUBSCRIBE a b", "PSUBSCRIBE p", "SUBSCRIBE a")
    for word, channel in [("subscribe", "a"), ("subscribe", "b"), ("psubscribe", "p"), ("subscribe", "a")]:
        talk.answer(confirm(word, channel, 3))
    leave, ping = talk.ask("UNSUBSCRIBE", "PING")

    talk.answer(confirm("unsubscribe", "a", 2) + confirm("unsubscribe", "b", 1))
    assert (leave.outcome, ping.outcome) == ("ok", "")
    assert talk.session.subscribed


def test_unsubscribing_from_nothing_is_confirmed_once() -> None:
    talk = Conversation()
    (leave,) = talk.ask("UNSUBSCRIBE")

    talk.answer(b"*3\r\n+unsubscribe\r\n$-1\r\n:0\r\n")

    assert leave.outcome == "ok"


def test_pushes_answer_nothing_and_an_array_that_looks_like_a_message_does_in_resp3() -> None:
    talk = Conversation()
    _, items = talk.ask("SUBSCRIBE a", "LRANGE l 0 -1")
    talk.answer(confirm("subscribe", "a", 1, mark=">"))

    assert talk.answer(b">2\r\n+invalidate\r\n*1\r\n+k\r\n") == [None]
    assert talk.answer(b"*3\r\n+message\r\n+a\r\n+b\r\n") == [items]


def test_replies_that_are_switched_off_are_not_waited_for() -> None:
    talk = Conversation()
    off, silent, on, skip, skipped, heard = talk.ask(
        "CLIENT REPLY OFF", "SET a 1", "CLIENT REPLY ON", "CLIENT REPLY SKIP", "SET b 1", "GET b"
    )

    assert [a.outcome for a in (off, silent, on, skip, skipped, heard)] == ["ok", "ok", "", "ok", "ok", ""]
    assert talk.answer(b"+OK\r\n$1\r\n1\r\n") == [on, heard]


def test_a_reset_connection_has_no_transaction_and_no_subscription() -> None:
    talk = Conversation()
    talk.ask("SUBSCRIBE a", "RESET")
    talk.answer(confirm("subscribe", "a", 1) + b"+RESET\r\n")

    assert not talk.session.subscribed


def test_an_answer_nobody_asked_for_settles_nothing() -> None:
    assert Conversation().answer(b"-ERR max number of clients reached\r\n") == [None]
