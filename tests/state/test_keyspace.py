"""The keys of a Redis server: net changes since the mark, and exactly back to it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import redis

from ripstop.errors import ExperimentError, StartError
from ripstop.model.address import RedisAddress
from ripstop.model.state import KeyChange
from ripstop.service.ports import free_port
from ripstop.service.redis import RedisServer
from ripstop.state.keyspace import Keyspace, Limits

from .keyspace_server import client, keyspace, server

__all__ = ["client", "keyspace", "server"]
EXPERIMENTS = 24
WRITES: dict[str, Callable[[Any, random.Random], object]] = {
    "string": lambda r, d: r.set(name(d), str(d.random())),
    "append": lambda r, d: r.append(name(d, "string"), "x"),
    "counter": lambda r, d: r.incr(name(d, "counter")),
    "hash": lambda r, d: r.hset(name(d, "hash"), f"f{d.randrange(3)}", str(d.random())),
    "unhash": lambda r, d: r.hdel(name(d, "hash"), f"f{d.randrange(3)}"),
    "push": lambda r, d: r.rpush(name(d, "list"), *(str(d.randrange(9)) for _ in range(3))),
    "pop": lambda r, d: r.lpop(name(d, "list")),
    "add": lambda r, d: r.sadd(name(d, "set"), *(str(d.randrange(99)) for _ in range(3))),
    "remove": lambda r, d: r.srem(name(d, "set"), *(str(n) for n in range(50))),
    "score": lambda r, d: r.zadd(name(d, "zset"), {f"m{d.randrange(5)}": d.random() * 100}),
    "event": lambda r, d: r.xadd(name(d, "stream"), {"n": str(d.random())}),
    "bytes": lambda r, d: r.set(name(d, "bytes"), bytes(d.randrange(256) for _ in range(9))),
    "expire": lambda r, d: r.expire(name(d, d.choice(["hash", "list", "string"])), 500),
    "persist": lambda r, d: r.persist(name(d, d.choice(["hash", "list", "string"]))),
    "delete": lambda r, d: r.delete(name(d, d.choice(["hash", "list", "set", "zset", "stream"]))),
    "flush": lambda r, d: r.flushdb() if d.random() < 0.1 else None,
}


def name(dice: random.Random, kind: str = "string") -> str:
    return f"{kind}:{dice.randrange(4)}"


def picture(client: redis.Redis, databases: tuple[int, ...] = (0, 3)) -> dict[Any, Any]:
    """Every key read by other means than the keyspace's: commands of its type, and whether it ends."""
    found = {}
    for number in databases:
        with redis.Redis(port=client.connection_pool.connection_kwargs["port"], db=number) as one:
            for key in one.scan_iter():
                found[number, key] = (value(one, key), one.pttl(key) > 0)
    return found


def value(one: Any, key: bytes) -> Any:
    readers: dict[bytes, Callable[[], Any]] = {
        b"string": lambda: one.get(key),
        b"hash": lambda: one.hgetall(key),
        b"list": lambda: one.lrange(key, 0, -1),
        b"set": lambda: set(one.smembers(key)),
        b"zset": lambda: dict(one.zrange(key, 0, -1, withscores=True)),
        b"stream": lambda: one.xrange(key),
    }
    return readers[one.type(key)]()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_was_written_the_reset_takes_it_back_exactly(
    seed: int, client: redis.Redis, keyspace: Keyspace
) -> None:
    dice = random.Random(seed)
    other = redis.Redis(port=client.connection_pool.connection_kwargs["port"], db=3)
    for _ in range(60):
        dice.choice(list(WRITES.values()))(dice.choice([client, other]), dice)
    keyspace.mark()
    marked = picture(client)
    for _ in range(EXPERIMENTS // 3):
        for _ in range(dice.randrange(1, 15)):
            dice.choice(list(WRITES.values()))(dice.choice([client, other]), dice)
        keyspace.undo()
        assert picture(client) == marked
        assert keyspace.read() == ()
    other.close()


def test_changes_are_net_and_told_as_data(client: redis.Redis, keyspace: Keyspace) -> None:
    client.set("kept", "1")
    client.rpush("list", "a")
    client.hset("gone", "f", "v")
    keyspace.mark()
    client.set("kept", "2")
    client.set("kept", "1")
    client.rpush("list", "b")
    client.delete("gone")
    client.zadd("new", {"m": 1.5})

    assert keyspace.read() == (
        KeyChange("cache", "deleted", "gone", old={"f": "v"}),
        KeyChange("cache", "changed", "list", ["a"], ["a", "b"]),
        KeyChange("cache", "set", "new", new={"m": 1.5}),
    )


def test_a_key_of_another_database_carries_its_number(client: redis.Redis, keyspace: Keyspace) -> None:
    with redis.Redis(port=client.connection_pool.connection_kwargs["port"], db=3) as other:
        other.set("session", "x")

    assert keyspace.read() == (KeyChange("cache", "set", "db3/session", new="x"),)


def test_a_value_of_another_type_is_a_change_and_is_put_back(client: redis.Redis, keyspace: Keyspace) -> None:
    client.set("cart", "1")
    keyspace.mark()
    client.delete("cart")
    client.sadd("cart", "b", "a")

    assert keyspace.read() == (KeyChange("cache", "changed", "cart", "1", ["a", "b"]),)
    assert keyspace.undo() == 1
    assert client.get("cart") == "1"


def test_bytes_that_are_no_text_are_told_with_escapes_and_never_mistaken(
    client: redis.Redis, keyspace: Keyspace
) -> None:
    client.set("raw", b"\xff")
    keyspace.mark()
    client.set("raw", r"\xff")

    assert [(c.old, c.new) for c in keyspace.read()] == [(r"\xff", r"\xff")]


def test_a_key_has_as_long_to_live_after_the_reset_as_at_the_mark(
    client: redis.Redis, keyspace: Keyspace
) -> None:
    client.set("session", "x", px=60_000)
    client.set("cart", "x", px=60_000)
    client.set("always", "x")
    keyspace.mark()
    client.pexpire("session", 5_000)
    client.set("cart", "y")
    client.pexpire("always", 5_000)

    keyspace.undo()

    assert client.pttl("session") > 50_000
    assert client.pttl("cart") > 50_000
    assert client.pttl("always") == -1


def test_only_more_time_to_live_is_no_change(client: redis.Redis, keyspace: Keyspace) -> None:
    client.set("session", "x", px=60_000)
    keyspace.mark()
    client.pexpire("session", 90_000)

    assert keyspace.read() == ()


def test_a_streams_groups_are_put_back_with_it(client: redis.Redis, keyspace: Keyspace) -> None:
    client.xadd("jobs", {"n": "1"})
    client.xgroup_create("jobs", "workers", id="0")
    keyspace.mark()
    taken = client.xreadgroup("workers", "w", {"jobs": ">"})
    assert keyspace.read() == ()

    keyspace.undo()

    assert client.xreadgroup("workers", "w", {"jobs": ">"}) == taken


def test_nothing_is_read_while_nobody_was_active(server: RedisServer, client: redis.Redis) -> None:
    token = [1]
    keyspace = Keyspace.open(server.address, seam="cache", activity=lambda: token[0])
    client.set("unseen", "1")
    assert keyspace.read() == ()

    token[0] = 2

    assert len(keyspace.read()) == 1
    keyspace.close()


def test_a_reset_after_a_reading_does_not_read_again_and_is_as_exact(
    server: RedisServer, client: redis.Redis
) -> None:
    client.set("session", "x", px=200)
    client.set("cart", "1")
    token = [1]
    keyspace = Keyspace.open(server.address, seam="cache", activity=lambda: token[0])
    client.set("cart", "2")
    client.set("new", "1")
    client.delete("session")
    token[0] = 2
    assert len(keyspace.read()) == 3

    assert keyspace.undo() == 3
    assert (client.get("cart"), client.get("session"), client.get("new")) == ("1", "x", None)
    client.delete("session")  # as when its time is up: nobody was active
    keyspace.undo()
    assert client.get("session") == "x"
    keyspace.close()


def test_a_keyspace_beyond_its_bounds_is_refused_with_a_way_out(
    server: RedisServer, client: redis.Redis
) -> None:
    for number in range(4):
        client.set(f"k{number}", random.Random(number).randbytes(100))

    with pytest.raises(ExperimentError, match="more than 3 keys") as raised:
        Keyspace.open(server.address, seam="cache", limits=Limits(keys=3))
    assert raised.value.slug == "keyspace-too-large"
    with pytest.raises(ExperimentError, match="200 bytes"):
        Keyspace.open(server.address, seam="cache", limits=Limits(bytes=200))


def test_a_value_can_be_asked_for(client: redis.Redis, keyspace: Keyspace) -> None:
    client.hset("cart:1", mapping={"b": "2", "a": "1"})

    assert keyspace.value("cart:1") == {"a": "1", "b": "2"}
    assert keyspace.value("cart:2") is None
    assert keyspace.keys() == ("cart:1",)


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(StartError, match="cannot read the keys") as raised:
        Keyspace.open(RedisAddress("127.0.0.1", free_port()), seam="cache")

    assert raised.value.slug == "redis-unreachable"


def test_keys_that_end_tell_how_long_they_have_left(keyspace: Keyspace, client: redis.Redis) -> None:
    client.set("old", "1", ex=60)
    keyspace.mark()
    client.set("session:ann", "1", ex=60)
    client.set("for ever", "1")

    (found,) = keyspace.lives().items()
    assert found[0] == "session:ann"
    assert 50_000 < found[1] <= 60_000
