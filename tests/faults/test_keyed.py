"""Which faults are offered at every kind of Redis crossing, exactly and in order."""

from __future__ import annotations

import pytest

from ripstop.faults.keyed import arguments, keys

from .redis_commands import connection, crossing, offered

LOST = ("connection_reset",)
WAITS = ("slow(delay_ms=300)", "hang")
FULL = ("readonly", "out_of_memory", "loading")
ALONE = [
    ("GET session:1", (*LOST, "loading", "evicted", "wrong_key_type", *WAITS)),
    ("EXISTS session:1", (*LOST, "loading", "evicted", *WAITS)),
    ("SCAN 0", (*LOST, "loading", *WAITS)),
    ("SET session:1 x", ("reply_lost", *LOST, *FULL, *WAITS)),
    ("INCR visits:1", ("reply_lost", *LOST, *FULL, "wrong_key_type", *WAITS)),
    ("DEL session:1", ("reply_lost", *LOST, "readonly", "loading", *WAITS)),
    ("PUBLISH news x", ("reply_lost", *LOST, *WAITS)),
    ("EVALSHA abc 1 lock:1 token", ("reply_lost", *LOST, "loading", *WAITS)),
    ("EXEC", ("reply_lost", *LOST, *WAITS)),
    ("BLPOP jobs 0", ("reply_lost",)),
    ("MULTI", ()),
    ("DISCARD", ()),
    ("WATCH stock:1", ()),
    ("SUBSCRIBE news", ()),
]
QUEUED = [
    ("SET session:1 x", FULL),
    ("DEL session:1", ("readonly", "loading")),
    ("GET session:1", ("loading",)),
    ("BLPOP jobs 0", ("readonly", "loading")),
    ("PUBLISH news x", ()),
]


@pytest.mark.parametrize(("command", "specs"), ALONE)
def test_a_command_is_offered_only_what_can_happen_to_it(command: str, specs: tuple[str, ...]) -> None:
    assert only_redis(offered(crossing(command))) == specs


@pytest.mark.parametrize(("command", "specs"), QUEUED)
def test_a_queued_command_is_offered_refusals_and_its_exec_the_rest(
    command: str, specs: tuple[str, ...]
) -> None:
    assert only_redis(offered(crossing(command, in_transaction=True))) == specs


def test_a_connection_is_offered_what_happens_to_connections() -> None:
    expected = ("stale_connection", "connection_refused", "unreachable")

    assert only_redis(offered(connection())) == expected


def test_a_key_with_spaces_and_bytes_is_read_back_from_the_crossings_text() -> None:
    at = crossing("GET x")
    odd = type(at)(at.id, at.protocol, at.kind, text=r'GET "a b\x00\xff\"c"')

    assert keys(odd) == (b'a b\x00\xff"c',)


def test_words_that_were_left_out_of_a_long_text_are_no_keys() -> None:
    at = crossing("MGET " + " ".join(f"key:{n}:{'x' * 90}" for n in range(40)))

    assert at.text.endswith(" ...")
    assert keys(at)[-1].startswith(b"key:")


def test_a_text_that_cannot_be_taken_apart_has_no_arguments() -> None:
    at = crossing("GET x")

    assert arguments(type(at)(at.id, at.protocol, at.kind, text='GET "x')) == ()


def only_redis(specs: tuple[str, ...]) -> tuple[str, ...]:
    """Faults of the process can strike at any crossing; they are tested on their own."""
    return tuple(spec for spec in specs if spec.partition("(")[0] not in ("killed", "terminated", "paused"))
