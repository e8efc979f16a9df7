"""Passing requests on: to the named host alone, as they were, and back again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ripstop.doubles import Double, Reply, Request
from ripstop.doubles.loading import load
from ripstop.doubles.upstream import asking
from ripstop.errors import StartError

from ..seams.http_harness import Served, served


@pytest.fixture
def real() -> Iterator[Served]:
    double = Double("real")
    double.otherwise(
        lambda request: Reply(203, request.body[::-1], (("x-real", "yes"), ("connection", "keep-alive")))
    )
    double.route("GET /moved")(lambda _: Reply(302, b"", (("location", "http://127.0.0.1:9/elsewhere"),)))
    with served(double) as server:
        yield server


def test_a_call_is_passed_on_whole_and_heard(real: Served) -> None:
    double = load(f"upstream:{real.url}", Path(), name="payments")
    request = Request("POST", "/a%20b?x=1&x=2", (("x-own", "1"), ("host", "api.example")), b"abc")
    reply = double.respond(request)
    assert (reply.status, reply.body, reply.header("x-real"), reply.header("connection")) == (
        203,
        b"cba",
        "yes",
        None,
    )
    (got,) = real.double.heard
    assert (got.request.method, got.request.target, got.request.body) == ("POST", "/a%20b?x=1&x=2", b"abc")
    assert (got.request.header("x-own"), got.request.header("host")) == ("1", f"127.0.0.1:{real.seam.port}")
    assert [one.request for one in double.heard] == [request]


def test_given_headers_go_before_the_request_s_own(real: Served) -> None:
    with asking(real.url, (("Authorization", "Bearer given"),)) as ask:
        ask(Request("GET", "/a", (("authorization", "Bearer own"),)))
    assert real.double.heard[0].request.header("authorization") == "Bearer given"


def test_no_redirect_is_followed(real: Served) -> None:
    with asking(real.url) as ask:
        assert ask(Request("GET", "/moved")).status == 302


def test_no_proxy_of_the_environment_is_used(real: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with asking(real.url) as ask:
        assert ask(Request("GET", "/a")).status == 203


@pytest.mark.parametrize("target", ["@evil.example/", "//evil.example/x", "http://evil.example/"])
def test_no_target_leads_to_another_host(real: Served, target: str) -> None:
    with asking(real.url) as ask:
        ask(Request("GET", target))
    assert real.double.heard[0].request.header("host") == f"127.0.0.1:{real.seam.port}"


def test_a_host_that_is_not_there_is_told() -> None:
    with (
        asking("http://127.0.0.1:9") as ask,
        pytest.raises(StartError, match=r"127\.0\.0\.1:9 gave no answer") as met,
    ):
        ask(Request("GET", "/a"))
    assert met.value.slug == "upstream-unreachable"
