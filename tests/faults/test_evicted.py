"""evicted: the key is gone just before it is read."""

from __future__ import annotations

from ripstop import faults
from ripstop.model.fault import Forward, RunServer
from ripstop.wire.redis.requests import encode

from .redis_commands import commands, crossing


def test_every_key_of_the_read_is_deleted_on_the_real_server_first() -> None:
    assert commands(faults.evicted(), crossing("MGET cart:1 cart:2")) == (
        RunServer(encode("DEL", "cart:1", "cart:2")),
        Forward(),
    )


def test_a_command_without_keys_passes() -> None:
    assert commands(faults.evicted(), crossing("SCAN 0")) == (Forward(),)


def test_within_multi_nothing_can_be_deleted_in_between() -> None:
    assert commands(faults.evicted(), crossing("GET cart:1", in_transaction=True)) == (Forward(),)
