"""Asking the real or sandbox server: for recording a cassette, and for seeing whether a double still tells
the truth. Nothing is sent anywhere but to the one host that was named."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx

from ripstop.doubles.double import Double
from ripstop.doubles.loading import Context
from ripstop.errors import StartError
from ripstop.model.http import Headers, Reply, Request

Ask = Callable[[Request], Reply]
_LIMIT_S = 20.0
_BODY_BYTES = 32 * 1024 * 1024
_HOP = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-length",
        "host",
        "expect",
        "accept-encoding",
    ]
)
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"})


def make(url: str, context: Context) -> Double:
    """A double that has no answers of its own: it passes every call on and hears the reply."""
    double = Double(context.name)

    def pass_on(request: Request) -> Reply:
        with asking(url) as ask:
            return ask(request)

    double.otherwise(pass_on)
    return double


@contextlib.contextmanager
def asking(url: str, headers: Headers = ()) -> Iterator[Ask]:
    """A function that sends requests to the server of a base URL; ``headers`` go before a request's own.

    It follows no redirect, uses no proxy of the environment, and raises StartError
    ``upstream-unreachable`` where no whole answer comes within 20 seconds.
    """
    with httpx.Client(trust_env=False, follow_redirects=False, timeout=_LIMIT_S) as client:
        yield lambda request: _ask(client, url.rstrip("/"), request, headers)


def _ask(client: httpx.Client, url: str, request: Request, headers: Headers) -> Reply:
    target = request.target if request.target.startswith("/") else f"/{request.target}"
    given = {name.lower() for name, _ in headers}
    own = [(name, value) for name, value in request.headers if name.lower() not in _HOP | given]
    try:
        answer = client.request(request.method, url + target, headers=[*own, *headers], content=request.body)
        body = answer.content
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        asked = f"{request.method} {request.path}"
        raise StartError(
            "upstream-unreachable",
            f"{urlsplit(url).netloc} gave no answer to {asked}: {type(error).__name__}: {error}",
            way_out="is it the right URL, and does this machine reach it?",
        ) from error
    if len(body) > _BODY_BYTES:
        raise StartError(
            "upstream-unreachable", f"{urlsplit(url).netloc} answered more than {_BODY_BYTES} bytes"
        )
    kept = tuple((name, value) for name, value in answer.headers.items() if name.lower() not in _DECODED)
    return Reply(answer.status_code, body, kept)
