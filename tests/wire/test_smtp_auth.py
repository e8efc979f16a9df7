"""AUTH exchanges: everybody is let in who speaks the protocol."""

from __future__ import annotations

import pytest

from ripstop.wire.smtp.auth import Authentication

PLAIN = "AHNob3AAaHVudGVyMg=="


def said(*lines: str) -> tuple[list[bytes], bool]:
    """The codes given to a command's argument and the lines after it, and whether it was let in."""
    exchange = Authentication()
    codes = [exchange.begin(lines[0])[:3]]
    for line in lines[1:]:
        assert not exchange.over
        codes.append(exchange.answer(line)[:3])
    assert exchange.over
    return codes, exchange.accepted


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ((f"PLAIN {PLAIN}",), [b"235"]),
        (("plain", PLAIN), [b"334", b"235"]),
        (("LOGIN", "c2hvcA==", "aHVudGVyMg=="), [b"334", b"334", b"235"]),
        (("LOGIN c2hvcA==", "aHVudGVyMg=="), [b"334", b"235"]),
        (("PLAIN =",), [b"235"]),
        ((f"XOAUTH2 {PLAIN}",), [b"235"]),
    ],
)
def test_an_exchange_that_is_whole_is_accepted(lines: tuple[str, ...], codes: list[bytes]) -> None:
    assert said(*lines) == (codes, True)


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        (("GSSAPI",), [b"504"]),
        (("",), [b"504"]),
        (("PLAIN nonsense!",), [b"501"]),
        (("LOGIN", "*"), [b"334", b"501"]),
        (("LOGIN", "c2hvcA==", "ü"), [b"334", b"334", b"501"]),
    ],
)
def test_an_exchange_that_is_none_is_refused(lines: tuple[str, ...], codes: list[bytes]) -> None:
    assert said(*lines) == (codes, False)


def test_challenges_are_those_the_rfc_and_clients_expect() -> None:
    login = Authentication()

    assert Authentication().begin("PLAIN") == b"334 \r\n"
    assert login.begin("LOGIN") == b"334 VXNlcm5hbWU6\r\n"
    assert login.answer("") == b"334 UGFzc3dvcmQ6\r\n"
