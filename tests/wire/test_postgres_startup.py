from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripstop.wire.postgres.messages import WireError
from ripstop.wire.postgres.startup import (
    CancelRequest,
    GssRequest,
    SslRequest,
    Startup,
    TlsHello,
    read_opening,
)


def packet(code: int, body: bytes = b"") -> bytes:
    return struct.pack(">II", len(body) + 8, code) + body


def test_a_startup_message_tells_its_version_and_parameters() -> None:
    data = packet(3 << 16 | 2, b"user\0ada\0database\0shop\0\0")

    assert read_opening(data + b"more") == (
        Startup(data, 3, 2, {"user": "ada", "database": "shop"}),
        len(data),
    )


@pytest.mark.parametrize(("code", "kind"), [(80877103, SslRequest), (80877104, GssRequest)])
def test_questions_for_encryption_are_known(code: int, kind: type) -> None:
    assert read_opening(packet(code)) == (kind(), 8)


@pytest.mark.parametrize("size", [4, 32, 256])
def test_a_cancel_request_keeps_a_key_of_any_length(size: int) -> None:
    data = packet(80877102, b"\0\0\0\1" + b"k" * size)

    assert read_opening(data) == (CancelRequest(data), len(data))


def test_tls_at_once_is_known_by_its_first_byte() -> None:
    assert read_opening(b"\x16\x03\x01") == (TlsHello(), 0)


@pytest.mark.parametrize(("value", "wanted"), [("database", True), ("true", True), ("false", False)])
def test_replication_is_told_apart(value: str, wanted: bool) -> None:
    found = read_opening(packet(3 << 16, f"replication\0{value}\0\0".encode()))

    assert found is not None
    assert isinstance(found[0], Startup)
    assert found[0].replication is wanted


@given(st.binary(max_size=60))
def test_garbage_raises_nothing_but_the_codecs_own_error(data: bytes) -> None:
    try:
        found = read_opening(data)
    except WireError:
        return
    assert found is None or found[1] <= len(data)


@given(st.integers(1, 19))
def test_a_packet_is_awaited_until_it_is_whole(size: int) -> None:
    assert read_opening(packet(3 << 16, b"user\0adalove\0")[:size]) is None
