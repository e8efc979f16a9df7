"""Commands by name, kind and key shape: the same action has the same name whatever ids it was given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import fakeredis
import pytest

from ripstop.model.trace import Kind
from ripstop.wire.redis import commands
from ripstop.wire.redis.shapes import read, shape

SHAPES = [
    ("cart:42:items", "cart:{id}:items"),
    ("session:3f2504e0-4f89-11d3-9a0c-0305e82c3301", "session:{id}"),
    (":1:cache_page..d41d8cd98f00b204e9800998ecf8427e.en-us.UTC", ":{id}:cache_page..{id}.en-us.UTC"),
    ("rate:127.0.0.1", "rate:{id}.{id}.{id}.{id}"),
    ("user42", "user{id}"),
    ("user_42", "user_{id}"),
    ("api:v2:users", "api:v2:users"),
    ("mail:ann.b@example.com", "mail:{id}"),
    ("django.contrib.sessions.cachedabcd1234efgh5678ijkl", "django.contrib.sessions.{id}"),
    ("celery-task-meta-3f2504e0-4f89-11d3-9a0c-0305e82c3301", "celery-task-meta-{id}"),
    ("{user:42}:cart", "{user:{id}}:cart"),
    ("lock:order-17", "lock:order-{id}"),
    ("customer:cus_9s6XKzkNRiz8i3", "customer:cus_{id}"),
    ("token:Xy_aB3dE5fG7hI9jK1lM3nO5pQ7", "token:{id}"),
    ("plain", "plain"),
]
READINGS = [
    (["get", "session:42"], "GET session:{id}", Kind.READ),
    (["MSET", "a:1", "x", "b:2", "y"], "MSET a:{id} b:{id}", Kind.WRITE),
    (["DEL", *(f"{c}:1" for c in "abcde")], "DEL a:{id} b:{id} c:{id} ...", Kind.WRITE),
    (["EVALSHA", "abc", "1", "lock:5", "token"], "EVALSHA lock:{id}", Kind.WRITE),
    (["EVALSHA", "abc", "0"], "EVALSHA", Kind.WRITE),
    (["XREADGROUP", "GROUP", "g", "c", "STREAMS", "a", "b", ">", ">"], "XREADGROUP a b", Kind.WRITE),
    (["ZUNIONSTORE", "out", "2", "a", "b"], "ZUNIONSTORE out a b", Kind.WRITE),
    (["XGROUP", "CREATE", "jobs", "g", "$"], "XGROUP CREATE jobs", Kind.WRITE),
    (["OBJECT", "ENCODING", "a"], "OBJECT ENCODING a", Kind.READ),
    (["SORT", "list"], "SORT list", Kind.READ),
    (["SORT", "list", "store", "out"], "SORT list", Kind.WRITE),
    (["PUBLISH", "news:7", "hi"], "PUBLISH news:{id}", Kind.WRITE),
    (["MULTI"], "MULTI", Kind.BEGIN),
    (["EXEC"], "EXEC", Kind.COMMIT),
    (["DISCARD"], "DISCARD", Kind.ROLLBACK),
    (["CLIENT", "setinfo", "lib-name", "x"], "CLIENT SETINFO", Kind.CONNECT),
    (["SELECT", "3"], "SELECT", Kind.CONNECT),
    (["JSON.GET", "doc:1"], "JSON.GET doc:{id}", Kind.READ),
    (["JSON.SET", "doc:1", "$", "{}"], "JSON.SET doc:{id}", Kind.WRITE),
    (["SOMETHING", "new"], "SOMETHING new", Kind.OTHER),
]  # fmt: skip


@pytest.mark.parametrize(("key", "expected"), SHAPES)
def test_ids_are_taken_out_of_a_key(key: str, expected: str) -> None:
    assert shape(key.encode()) == expected


@pytest.mark.parametrize(("args", "operation", "kind"), READINGS, ids=lambda x: str(x)[:24])
def test_a_command_is_named_and_told_apart(args: list[str], operation: str, kind: Kind) -> None:
    found = read([arg.encode() for arg in args])

    assert (found.operation, found.kind) == (operation, kind)


def test_a_password_is_never_in_a_text_and_a_long_value_is_cut_short() -> None:
    assert "hunter2" not in read([b"AUTH", b"user", b"hunter2"]).text
    assert "hunter2" not in read([b"HELLO", b"3", b"AUTH", b"user", b"hunter2"]).text
    assert len(read([b"SET", b"a", b"x" * 5_000]).text) < 100


def test_only_some_commands_wait_for_others() -> None:
    waiting = [["BLPOP", "a", "0"], ["XREAD", "BLOCK", "0", "STREAMS", "a", "$"]]
    ready = [["LPOP", "a"], ["XREAD", "STREAMS", "a", "0"]]

    assert all(read([w.encode() for w in args]).waits for args in waiting)
    assert not any(read([w.encode() for w in args]).waits for args in ready)


def documented() -> dict[str, Any]:
    """Every plain command's flags and key places, as the servers' own COMMAND tells them."""
    table = json.loads((Path(fakeredis.__file__).parent / "commands.json").read_text())
    return {row[0].upper(): row for row in table.values() if row[0].isalpha()}


def test_reads_and_writes_are_what_servers_say_they_are() -> None:
    rows = documented()
    known = commands.WRITES | commands.READS
    wrong = [
        name
        for name, row in rows.items()
        if name in known - {"XGROUP", "XINFO", "OBJECT"}
        and (
            ("write" in row[2]) != (name in commands.WRITES)
            or ("readonly" in row[2]) != (name in commands.READS)
        )
    ]

    assert wrong == []
    assert len(known & set(rows)) > 150


def test_what_is_refused_when_memory_is_full_is_what_servers_say() -> None:
    told = {name for name, row in documented().items() if "denyoom" in row[2]}
    known = commands.WRITES | commands.READS

    assert {name for name in known if name in told} == commands.DENIED_WHEN_FULL & set(documented())


def test_keys_are_where_servers_say_they_are() -> None:
    several = set(commands._RANGE)
    wrong = []
    for name, row in documented().items():
        first, last, step = row[3:6]
        args = [name.encode(), *(b"a%d" % n for n in range(1, 7))]
        if name in several or "movablekeys" in row[2] or name not in commands.WRITES | commands.READS:
            continue
        if first and commands.keys_of(args) != tuple(args[first : last + 1 or None : step]):
            wrong.append(name)

    assert wrong == []
