"""redis-py, synchronous and asynchronous, RESP2 and RESP3, sees the real server through the seam."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
import redis
import redis.asyncio

from .redis_harness import Proxied
from .redis_servers import cache, redis_server

__all__ = ["cache", "redis_server"]


@pytest.fixture(params=[2, 3], ids=["resp2", "resp3"])
def protocol(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_values_of_every_type_come_through_as_they_are(cache: Proxied, protocol: int) -> None:
    through = cache.client(protocol=protocol)
    straight = cache.client(cache.address.port, protocol=protocol)
    through.set("text", "a\r\nb\0")
    through.hset("hash", mapping={"a": "1"})
    through.rpush("list", "1", "2")
    through.sadd("set", "1")
    through.zadd("zset", {"m": 1.5})
    through.xadd("stream", {"f": "v"}, id="1-1")

    def everything(client: redis.Redis) -> list[Any]:
        texts = [client.get("text"), client.get("none"), client.info("server")["redis_mode"]]
        pairs = client.zrange("zset", 0, -1, withscores=True)
        groups = [client.hgetall("hash"), client.lrange("list", 0, -1), client.smembers("set"), pairs]
        return [*texts, *groups, client.xrange("stream")]

    assert everything(through) == everything(straight)


def test_a_pipeline_is_answered_in_order_and_each_command_is_a_crossing(
    cache: Proxied, protocol: int
) -> None:
    pipe = cache.client(protocol=protocol).pipeline(transaction=False)
    for number in range(500):
        pipe.set(f"key:{number}", number)
        pipe.get(f"key:{number}")

    assert pipe.execute() == [v for n in range(500) for v in (True, str(n))]
    assert cache.trace().count(("GET key:{id}", "ok")) == 500


def test_a_transaction_tells_its_begin_its_commands_and_its_commit(cache: Proxied, protocol: int) -> None:
    pipe = cache.client(protocol=protocol).pipeline()
    pipe.set("stock:1", 5).decr("stock:1").get("stock:1")

    assert pipe.execute() == [True, 4, "4"]
    ops = [("MULTI", "ok"), ("SET stock:{id}", "ok"), ("DECRBY stock:{id}", "ok"), ("GET stock:{id}", "ok")]
    assert cache.trace() == [*ops, ("EXEC", "ok")]


def test_a_watched_key_that_changed_aborts_the_transaction(cache: Proxied, protocol: int) -> None:
    pipe = cache.client(protocol=protocol).pipeline()
    pipe.watch("stock")
    pipe.multi()
    pipe.set("stock", 1)
    cache.direct.set("stock", 2)

    with pytest.raises(redis.WatchError):
        pipe.execute()


def test_messages_arrive_and_answer_no_command(cache: Proxied, protocol: int) -> None:
    client = cache.client(protocol=protocol)
    listener = client.pubsub()
    listener.subscribe("news", "mail")
    listener.psubscribe("n*")
    kinds = [listener.get_message(timeout=2)["type"] for _ in range(3)]
    client.publish("news", "hello")

    got = [listener.get_message(timeout=2) for _ in range(2)]
    listener.unsubscribe()
    ended = [listener.get_message(timeout=2)["type"] for _ in range(2)]

    assert kinds == ["subscribe", "subscribe", "psubscribe"]
    assert {(m["type"], m["data"]) for m in got} == {("message", "hello"), ("pmessage", "hello")}
    assert ended == ["unsubscribe", "unsubscribe"]
    assert ("PUBLISH news", "ok") in cache.trace()
    listener.close()


def test_a_connection_that_waits_for_work_rests_and_is_a_crossing_once_work_comes(
    cache: Proxied, protocol: int
) -> None:
    worker = cache.client(protocol=protocol, socket_timeout=5)
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.append(worker.blpop(["jobs:1"], 5)))
    thread.start()
    cache.until(lambda: "BLPOP" in asked(cache))
    assert cache.seam.busy() == ()
    assert cache.trace() == []

    cache.direct.rpush("jobs:1", "mail")
    thread.join()

    assert list(got[0]) == ["jobs:1", "mail"]
    assert cache.trace() == [("BLPOP jobs:{id}", "ok")]


def asked(cache: Proxied) -> list[str]:
    """What the server owes an answer for."""
    return [one.command.name for relay in cache.seam._around.relays.values() for one in relay.session.owed]


def test_a_wait_that_ended_with_nothing_is_no_crossing(cache: Proxied, protocol: int) -> None:
    assert cache.client(protocol=protocol).blpop(["jobs"], 0.05) is None
    assert cache.trace() == []


def test_a_value_larger_than_what_is_kept_passes_whole(cache: Proxied, protocol: int) -> None:
    client = cache.client(protocol=protocol, socket_timeout=20)
    large = "x" * (18 << 20)

    client.set("large", large)

    assert client.get("large") == large
    assert client.ping()


def test_asynchronous_clients_share_the_seam(cache: Proxied, protocol: int) -> None:
    async def work() -> list[Any]:
        async with redis.asyncio.Redis(port=cache.seam.port, protocol=protocol) as client:
            async with client.pipeline() as pipe:
                done = await pipe.incr("n").incr("n").execute()
            many = await asyncio.gather(*(client.incr("m") for _ in range(20)))
            await client.connection_pool.disconnect()
        return [*done, sorted(many)]

    assert asyncio.run(work()) == [1, 2, list(range(1, 21))]


def test_another_database_and_a_name_belong_to_connecting(cache: Proxied, protocol: int) -> None:
    client = cache.client(protocol=protocol, db=3, client_name="orders")
    client.set("a", "1")

    assert cache.client(cache.address.port, db=3).get("a") == "1"
    assert cache.trace() == [("SET a", "ok")]
    assert cache.call(lambda: cache.board.trace)[0].id.operation == "CONNECT"


def test_an_error_of_the_servers_is_an_outcome_by_its_code(cache: Proxied, protocol: int) -> None:
    client = cache.client(protocol=protocol)
    client.rpush("list", 1)

    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        client.incr("list")
    assert cache.trace()[-1] == ("INCRBY list", "error:WRONGTYPE")
