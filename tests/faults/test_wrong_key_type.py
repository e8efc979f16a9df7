"""wrong_key_type: the key holds a value of another type."""

from __future__ import annotations

from ripstop import faults
from ripstop.model.fault import Forward, RunServer
from ripstop.wire.redis.requests import encode

from .redis_commands import commands, crossing


def test_where_a_string_is_wanted_there_is_a_hash() -> None:
    run, forward = commands(faults.wrong_key_type(), crossing("INCR visits:1"))

    assert run == RunServer(encode("DEL", "visits:1") + encode("HSET", "visits:1", "field", "value"))
    assert forward == Forward()


def test_where_a_hash_is_wanted_there_is_a_string() -> None:
    run, _ = commands(faults.wrong_key_type(), crossing("HGET cart:1 total"))

    assert run == RunServer(encode("DEL", "cart:1") + encode("SET", "cart:1", "value"))


def test_a_command_without_a_key_passes() -> None:
    assert commands(faults.wrong_key_type(), crossing("SCAN 0")) == (Forward(),)
