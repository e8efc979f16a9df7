"""HTTP clients of both languages: whom they ask, for what, with which limit and which key."""

from __future__ import annotations

from pathlib import Path

import pytest

from ripstop.model.survey import Sureness

from .snippets import operations, reached, within

AXIOS = (
    "import axios from 'axios'\nconst api = axios.create({ baseURL: 'https://a.example/v1', timeout: 9 })\n"
)
GOT = "import got from 'got'\nimport https from 'node:https'\nimport { request } from 'undici'\nconst a = 1\n"
JS = "const BASE = process.env.BASE_URL ?? 'https://x'\n"
HTTPX = """
import httpx
client = httpx.Client(base_url="https://a.example/v2", timeout=3.0)
bare = httpx.Client(timeout=None)
"""
REQUESTS = "import os, requests\nsession = requests.Session()\nBASE = os.environ['BASE_URL']\n"
AIOHTTP = "import aiohttp"
URLLIB = "import urllib.request"


@pytest.mark.parametrize(
    ("before", "body", "told"),
    [
        (HTTPX, "client.get(f'/users/{x}')", ("GET /v2/users/{id}", "a.example", True, None)),
        (HTTPX, "httpx.post('https://b.example/x')", ("POST /x", "b.example", True, False)),
        (HTTPX, "bare.put('https://b.example/x')", ("PUT /x", "b.example", False, False)),
        (
            HTTPX,
            "httpx.request('DELETE', 'https://b.example/x/1')",
            ("DELETE /x/{id}", "b.example", True, False),
        ),
        (REQUESTS, "session.post(BASE + '/pay')", ("POST /pay", "$BASE_URL", False, False)),
        (REQUESTS, "requests.get(f'{BASE}/u/{x}?a=1', timeout=2)", ("GET /u/{id}", "$BASE_URL", True, None)),
        (
            REQUESTS,
            "requests.post(f'{BASE}/pay', headers={'Idempotency-Key': x})",
            ("POST /pay", "$BASE_URL", False, True),
        ),
        (
            AIOHTTP,
            "async with aiohttp.ClientSession() as s:\n    await s.post('https://a.example/x')",
            ("POST /x", "a.example", False, False),
        ),
        (
            AIOHTTP,
            "async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(3)) as s:\n    await s.get('https://a.example/x')",
            ("GET /x", "a.example", True, None),
        ),
        (
            "import http.client",
            "http.client.HTTPSConnection('a.example', timeout=3).request('POST', '/x', b'')",
            ("POST /x", "a.example", True, False),
        ),
        (
            URLLIB,
            "urllib.request.urlopen(urllib.request.Request('https://a.example/x', data=b''))",
            ("POST /x", "a.example", False, False),
        ),
        (
            AXIOS,
            "await api.post('/pay', {}, { headers: { 'Idempotency-Key': x } })",
            ("POST /v1/pay", "a.example", True, True),
        ),
        (AXIOS, "await axios.get('https://b.example/x')", ("GET /x", "b.example", False, None)),
        (
            AXIOS,
            "await axios({ method: 'put', url: 'https://b.example/x' })",
            ("PUT /x", "b.example", False, False),
        ),
        (JS, "await fetch(`${BASE}/a/${x}`)", ("GET /a/{id}", "$BASE_URL", False, None)),
        (
            JS,
            "await fetch('https://a.example/x', { method: 'POST', signal: AbortSignal.timeout(3) })",
            ("POST /x", "a.example", True, False),
        ),
        (
            GOT,
            "await got.post('https://c.example/z', { timeout: { request: 3 } })",
            ("POST /z", "c.example", True, False),
        ),
        (
            GOT,
            "https.request({ hostname: 'd.example', path: '/p', method: 'POST' }, () => {})",
            ("POST /p", "d.example", False, False),
        ),
        (
            GOT,
            "await request('https://e.example/u', { method: 'PATCH' })",
            ("PATCH /u", "e.example", False, False),
        ),
    ],
)
def test_a_request_is_told_with_its_limit_and_its_key(
    tmp_path: Path, before: str, body: str, told: tuple[str, str, bool, bool | None]
) -> None:
    (reach,) = reached(tmp_path, within(before, body))

    assert (reach.operation, reach.target, reach.timeout, reach.key) == told
    assert reach.protocol == "http"
    assert reach.effect is not told[0].startswith("GET")


def test_a_limit_around_the_call_counts_as_one(tmp_path: Path) -> None:
    body = """
        async with asyncio.timeout(2):
            await bare.post('https://a.example/x')
    """
    (reach,) = reached(tmp_path, within(HTTPX + "import asyncio", body))

    assert reach.timeout is True


def test_a_wrapper_is_told_by_what_it_was_made_with_and_is_given(tmp_path: Path) -> None:
    before = """
import requests
class Client:
    def __init__(self, base): self.base = base
    def _call(self, method, path, **more):
        return requests.request(method, f"{self.base}{path}", timeout=5, **more)
    def pay(self, cents): return self._call("POST", "/v1/pay", json={"c": cents})
gateway = Client("https://pay.example")
"""
    (reach,) = reached(tmp_path, within(before, "gateway.pay(3)"))

    assert (reach.operation, reach.target, reach.timeout) == ("POST /v1/pay", "pay.example", True)
    assert [place.line for place in reach.via] == [10, 6]


def test_an_address_that_cannot_be_read_is_told_as_a_guess(tmp_path: Path) -> None:
    (reach,) = reached(tmp_path, within(REQUESTS, "requests.post(x)"))

    assert (reach.operation, reach.target, reach.sureness) == ("POST /{path}", "", Sureness.GUESS)


@pytest.mark.parametrize(
    "body",
    [
        "x.get('/a')",
        "x.headers.get('b')",
        "requests.get_adapter(1)",
        "r = {}\nr.get('https')",
        "x.post('a')",
        "from http.cookies import SimpleCookie\nSimpleCookie().get('a')",
    ],
)
def test_what_only_looks_like_a_client_is_left_alone(tmp_path: Path, body: str) -> None:
    assert operations(tmp_path, REQUESTS, body) == []


def test_the_headers_of_an_answer_are_no_request(tmp_path: Path) -> None:
    body = "r = httpx.get('https://a.example/x')\nr.headers.get('Retry-After')"

    assert operations(tmp_path, HTTPX, body) == ["GET /x"]
