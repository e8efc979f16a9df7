"""One authority for a rig: what it issues is trusted by who trusts it, and by nobody else."""

from __future__ import annotations

import ssl
import stat
from collections.abc import Iterator

import pytest

from ripstop.service.certificates import Authority


@pytest.fixture
def authority() -> Iterator[Authority]:
    one = Authority.create()
    yield one
    one.close()


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> ssl.SSLObject:
    """A whole handshake over memory; the client's side of it."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    open_ends: set[ssl.SSLObject] = set()
    for end in (*ends, *ends, *ends):
        try:
            end.do_handshake()
            open_ends.add(end)
        except ssl.SSLWantReadError:
            continue
    assert open_ends == set(ends)
    return ends[0]


@pytest.mark.parametrize(
    "name",
    [
        "api.stripe.com",
        "API.Stripe.Com",
        "my-bucket.s3.amazonaws.com",
        "bücher.example",
        "localhost",
        "127.0.0.1",
    ],
)
def test_a_client_that_trusts_the_authority_accepts_any_name(authority: Authority, name: str) -> None:
    client = ssl.create_default_context(cafile=str(authority.ca_path))

    end = handshake(authority.context_for("" if name[0] == "1" else name), client, name)

    assert end.getpeercert()


@pytest.mark.parametrize("name", ["api.stripe.com", "b.example", "127.0.0.1"])
def test_one_server_answers_to_every_name(authority: Authority, name: str) -> None:
    client = ssl.create_default_context(cafile=str(authority.ca_path))
    client.set_alpn_protocols(["h2", "http/1.1"])

    end = handshake(authority.server_context(), client, name)

    assert end.selected_alpn_protocol() == "http/1.1"


def test_nobody_else_trusts_it(authority: Authority) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        handshake(authority.context_for("api.stripe.com"), ssl.create_default_context(), "api.stripe.com")


def test_a_certificate_is_good_for_its_own_name_only(authority: Authority) -> None:
    client = ssl.create_default_context(cafile=str(authority.ca_path))

    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(authority.context_for("api.stripe.com"), client, "api.example.com")


@pytest.mark.parametrize(("offered", "chosen"), [(["h2", "http/1.1"], "http/1.1"), (["h2"], None)])
def test_http_1_is_all_that_is_offered(authority: Authority, offered: list[str], chosen: str | None) -> None:
    client = ssl.create_default_context(cafile=str(authority.ca_path))
    client.set_alpn_protocols(offered)

    end = handshake(authority.context_for("api.stripe.com"), client, "api.stripe.com")

    assert end.selected_alpn_protocol() == chosen


def test_a_name_has_one_context_until_too_many_others_were_asked_for(authority: Authority) -> None:
    first = authority.context_for("a.example")

    assert authority.context_for("A.example.") is first
    for number in range(64):
        authority.context_for(f"b{number}.example")
    assert authority.context_for("a.example") is not first


@pytest.mark.parametrize(
    "name", ["", "a..b", "x" * 300, "a@b", "10.0.0.0/8", "*.example", "my_bucket.example", "\0"]
)
def test_what_is_no_name_is_served_as_if_none_had_been_given(authority: Authority, name: str) -> None:
    assert authority.context_for(name) is authority.context_for("")


def test_the_folder_is_private_and_goes_at_the_end(authority: Authority) -> None:
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700
    assert "PRIVATE" not in authority.ca_path.read_text()

    authority.close()
    authority.close()

    assert not authority.folder.exists()
