"""Each fault at the Redis seam, as a client meets it and as the real server is left by it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import redis

from ripstop import faults
from ripstop.model.fault import CutBoth, Delay, Forward, Hold, RunServer, SayClient
from ripstop.wire.redis.requests import encode

from .redis_harness import Made, Proxied, read_all
from .redis_servers import cache, frail, redis_server

__all__ = ["cache", "frail", "redis_server"]
OOM = "OOM command not allowed when used memory > 'maxmemory'."
REFUSED = [
    (faults.readonly(), redis.ReadOnlyError, "READONLY", "You can't write against a read only replica."),
    (faults.out_of_memory(), redis.OutOfMemoryError, "OOM", OOM.removeprefix("OOM ")),
    (faults.loading(), redis.BusyLoadingError, "LOADING", "Redis is loading the dataset in memory"),
]


@pytest.fixture(params=[2, 3], ids=["resp2", "resp3"])
def client(request: pytest.FixtureRequest, cache: Proxied) -> redis.Redis:
    return cache.client(protocol=request.param)


@pytest.mark.parametrize(("fault", "error", "code", "words"), REFUSED, ids=lambda x: str(x)[:12])
def test_a_refused_write_does_not_happen_and_the_next_one_does(
    cache: Proxied, client: redis.Redis, fault: Any, error: type[Exception], code: str, words: str
) -> None:
    cache.arm(fault, "SET cart:{id}")

    with pytest.raises(error, match=words):
        client.set("cart:1", "x")

    assert cache.direct.get("cart:1") is None
    assert client.set("cart:1", "y")
    assert cache.trace()[:1] == [("SET cart:{id}", f"error:{code}")]
    assert cache.fired() == 1


@pytest.mark.parametrize(("fault", "error", "code", "words"), REFUSED, ids=lambda x: str(x)[:12])
def test_a_refusal_within_multi_makes_the_exec_fail_on_the_server(
    cache: Proxied, client: redis.Redis, fault: Any, error: type[Exception], code: str, words: str
) -> None:
    cache.arm(fault, "SET b")
    pipe = client.pipeline()
    pipe.set("a", 1).set("b", 2).set("c", 3)

    with pytest.raises(error, match=words):
        pipe.execute()

    assert cache.direct.keys() == []
    # A client that takes the refusal for a lost connection does not wait for the other replies.
    cache.until(lambda: all(crossing.outcome != "held" for crossing in cache.board.trace))
    assert cache.trace()[2:] == [("SET b", f"error:{code}"), ("SET c", "ok"), ("EXEC", "error:EXECABORT")]
    assert client.set("a", 1)


def test_a_refusal_at_exec_discards_the_transaction(cache: Proxied, client: redis.Redis) -> None:
    cache.arm(faults.readonly(), "EXEC")

    with pytest.raises(redis.exceptions.ExecAbortError, match="Transaction discarded because of: READONLY"):
        client.pipeline().set("a", 1).execute()

    assert cache.direct.keys() == []
    assert client.pipeline().set("a", 2).execute() == [True]


def test_a_refusal_strikes_at_its_own_place_in_a_pipeline(cache: Proxied, client: redis.Redis) -> None:
    cache.arm(faults.out_of_memory(), "SET k:{id}", nth=3)
    pipe = client.pipeline(transaction=False)
    for number in range(1, 6):
        pipe.set(f"k:{number}", number)

    answers = pipe.execute(raise_on_error=False)

    assert [isinstance(a, redis.OutOfMemoryError) for a in answers] == [False, False, True, False, False]
    assert sorted(cache.direct.keys()) == ["k:1", "k:2", "k:4", "k:5"]


def test_a_reply_is_lost_after_the_write_was_done(cache: Proxied, client: redis.Redis) -> None:
    cache.arm(faults.reply_lost(), "INCRBY visits")

    with pytest.raises(redis.ConnectionError):
        client.incr("visits")

    assert cache.direct.get("visits") == "1"
    assert client.incr("visits") == 2
    assert cache.trace()[0] == ("INCRBY visits", "cut")


def test_a_transactions_reply_is_lost_after_it_was_done(cache: Proxied, client: redis.Redis) -> None:
    cache.arm(faults.reply_lost(), "EXEC")

    with pytest.raises(redis.ConnectionError):
        client.pipeline().set("a", 1).incr("a").execute()

    assert cache.direct.get("a") == "2"


def test_an_element_that_was_waited_for_is_lost_with_its_reply(cache: Proxied) -> None:
    worker = cache.client(socket_timeout=5)
    cache.arm(faults.reply_lost(), "BLPOP jobs")
    met: list[Exception] = []

    def wait() -> None:
        try:
            worker.blpop(["jobs"], 5)
        except redis.ConnectionError as error:
            met.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    cache.until(lambda: any(relay.waiting for relay in cache.seam._around.relays.values()))
    cache.direct.rpush("jobs", "mail")
    thread.join()

    assert len(met) == 1
    assert cache.direct.lrange("jobs", 0, -1) == []


def test_what_must_act_before_a_wait_is_passed_on_with_a_note(frail: Proxied) -> None:
    frail.direct.rpush("jobs", "mail")
    frail.arm(faults.connection_reset(), "BLPOP jobs")

    assert list(frail.client().blpop(["jobs"], 5)) == ["jobs", "mail"]
    assert frail.fired() == 0
    assert "comes too late" in frail.seam.notes[0]


def test_a_reset_strikes_before_the_write_and_after_what_came_before_it(
    cache: Proxied, client: redis.Redis
) -> None:
    cache.arm(faults.connection_reset(), "SET c")
    pipe = client.pipeline(transaction=False)
    pipe.set("a", 1).set("b", 1).set("c", 1).set("d", 1)

    with pytest.raises(redis.ConnectionError):
        pipe.execute()

    assert sorted(cache.direct.keys()) == ["a", "b"]
    assert cache.trace() == [("SET a", "ok"), ("SET b", "ok"), ("SET c", "cut")]


def test_a_reset_at_exec_leaves_nothing_of_the_transaction(cache: Proxied, client: redis.Redis) -> None:
    cache.arm(faults.connection_reset(), "EXEC")

    with pytest.raises(redis.ConnectionError):
        client.pipeline().set("a", 1).execute()

    assert cache.direct.keys() == []


def test_an_evicted_key_is_really_gone(cache: Proxied, client: redis.Redis) -> None:
    cache.direct.set("session:1", "x")
    cache.arm(faults.evicted(), "GET session:{id}")

    assert client.get("session:1") is None
    assert cache.direct.get("session:1") is None
    assert cache.fired() == 1


def test_evicting_a_key_that_is_not_there_counts_as_nothing(cache: Proxied, client: redis.Redis) -> None:
    cache.arm(faults.evicted(), "GET session:{id}")

    assert client.get("session:1") is None
    assert cache.fired() == 0


def test_a_key_is_evicted_in_the_database_its_connection_selected(cache: Proxied) -> None:
    cache.direct.set("a", "zero")
    third = cache.client(db=3)
    third.set("a", "three")
    cache.arm(faults.evicted(), "GET a")

    assert third.get("a") is None
    assert cache.direct.get("a") == "zero"


def test_a_key_of_another_type_makes_the_real_server_refuse(cache: Proxied, client: redis.Redis) -> None:
    cache.direct.set("visits", "5")
    cache.arm(faults.wrong_key_type(), "INCRBY visits")

    for _ in range(2):
        with pytest.raises(redis.ResponseError, match="WRONGTYPE Operation against a key"):
            client.incr("visits")
    assert cache.direct.type("visits") == "hash"


def test_a_hanging_command_is_held_told_and_never_carried_out(cache: Proxied) -> None:
    client = cache.client(socket_timeout=0.2)
    cache.arm(faults.hang(), "SET a")

    with pytest.raises(redis.TimeoutError):
        client.set("a", 1)
    cache.until(lambda: not cache.seam.busy())
    cache.run(cache.seam.heal())

    assert cache.direct.get("a") is None
    assert cache.trace() == [("SET a", "held")]
    assert client.set("a", 2)


def test_healing_aborts_what_is_held(cache: Proxied) -> None:
    cache.arm(faults.hang(), "SET a")
    with cache.dial(encode("SET", "a", "1")) as plain:
        cache.until(lambda: cache.board.fired)
        assert cache.call(cache.seam.busy) == ("cache: connection 1 holds step > cache: SET a",)

        cache.run(cache.seam.heal())

        with pytest.raises(ConnectionResetError):
            read_all(plain)
    assert cache.direct.get("a") is None


def test_a_slow_answer_comes_late_and_whole(cache: Proxied, client: redis.Redis) -> None:
    cache.arm(faults.slow(delay_ms=150), "SET a")
    began = time.monotonic()

    assert client.set("a", 1)
    assert 0.15 <= time.monotonic() - began < 1.5


def test_nobody_listens_until_healed(cache: Proxied, client: redis.Redis) -> None:
    client.set("a", 1)
    cache.arm(faults.connection_refused(), "CONNECT", tries=0)

    for _ in range(2):
        with pytest.raises(redis.ConnectionError, match=r"refused|Connection closed"):
            client.get("a")
    cache.run(cache.seam.heal())

    assert client.get("a") == "1"


def test_packets_vanish_until_healed(cache: Proxied) -> None:
    client = cache.client(socket_connect_timeout=0.2)
    cache.arm(faults.unreachable(), "CONNECT", tries=0)

    with pytest.raises(redis.TimeoutError):
        client.get("a")
    cache.run(cache.seam.heal())

    assert client.get("a") is None


def test_idle_connections_are_found_dead_and_new_ones_work(cache: Proxied) -> None:
    client = cache.client()
    client.set("a", 1)
    cache.until(lambda: cache.seam.idle_sessions() == 1)
    cache.arm(faults.stale_connection(), "CONNECT")
    cache.until(lambda: cache.seam.idle_sessions() == 0)

    # redis-py looks for an end before it hands a pooled connection out, and connects anew.
    assert client.get("a") == "1"


def test_subscribers_and_waiting_workers_are_cut_with_the_idle(cache: Proxied) -> None:
    listener = cache.client().pubsub()
    listener.subscribe("news")
    listener.get_message(timeout=2)

    cache.arm(faults.stale_connection(), "CONNECT")

    with pytest.raises(redis.ConnectionError):
        listener.get_message(timeout=2)


def test_a_connection_can_be_broken_while_it_is_made(cache: Proxied) -> None:
    cache.arm(Made(CutBoth()), "CONNECT")

    with pytest.raises(redis.ConnectionError):
        cache.client().get("a")
    assert cache.client().get("a") is None


def test_a_connection_can_be_turned_away_in_the_servers_words(cache: Proxied) -> None:
    said = b"-ERR max number of clients reached\r\n"
    cache.arm(Made(SayClient(said, close=True)), "CONNECT")

    with cache.dial() as plain:
        assert read_all(plain) == said


def test_a_refusal_of_commands_at_connecting_turns_the_connection_away(cache: Proxied) -> None:
    cache.arm(faults.loading(), "CONNECT")

    with cache.dial() as plain:
        assert read_all(plain).startswith(b"-LOADING")
    assert cache.trace() == []


def test_messages_pass_while_a_command_is_delayed(cache: Proxied) -> None:
    cache.arm(Made(Delay(300), Forward()), "GET a")
    with cache.dial(b"HELLO 3\r\nSUBSCRIBE news\r\nGET a\r\n") as plain:
        cache.until(lambda: cache.board.fired)
        cache.direct.publish("news", "hello")
        got = b""
        while b"hello" not in got:
            got += plain.recv(4096)

        assert not got.endswith(b"_\r\n")
        while not got.endswith(b"_\r\n"):
            got += plain.recv(4096)


def test_requests_of_a_fault_are_never_answered_to_the_client(cache: Proxied, client: redis.Redis) -> None:
    own = encode("SET", "b", "1") + encode("GET", "b") + encode("NONSENSE")
    cache.arm(Made(RunServer(own), Forward()), "SET a")

    assert client.set("a", 1)
    assert client.get("b") == "1"


def test_a_fault_at_a_reply_sees_how_it_ended(cache: Proxied, client: redis.Redis) -> None:
    seen: list[Any] = []

    class Looking(Made):
        def on_reply(self, crossing: Any, reply: Any) -> Any:
            seen.append(reply)
            return (Forward(),)

    cache.arm(Looking(Forward()), "GET a")
    client.get("a")

    assert seen[0].outcome == "ok"
    assert seen[0].raw in (b"$-1\r\n", b"_\r\n")


def test_a_command_too_large_to_be_broken_passes_with_a_note(frail: Proxied) -> None:
    frail.arm(faults.connection_reset(), "SET large")

    assert frail.client().set("large", "x" * 200_000)
    assert frail.fired() == 0
    assert "too large to be broken" in frail.seam.notes[0]


def test_a_reply_too_large_to_be_kept_passes_with_a_note(frail: Proxied) -> None:
    frail.direct.set("large", "x" * 200_000)
    frail.arm(Made(Forward(), at_reply=(CutBoth(),)), "GET large")

    assert len(frail.client().get("large")) == 200_000
    assert "too large to be kept" in frail.seam.notes[0]


def test_a_held_request_holds_up_only_what_its_own_connection_sends(cache: Proxied) -> None:
    cache.arm(Made(Hold()), "SET a")
    with cache.dial(encode("SET", "a", "1") + encode("SET", "b", "1")):
        cache.until(lambda: cache.board.fired)

        assert cache.client().set("c", 1)
        assert cache.direct.keys() == ["c"]
