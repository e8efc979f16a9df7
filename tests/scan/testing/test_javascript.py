"""Tests in JavaScript: what they send and what they expect, read from their text."""

from __future__ import annotations

import pytest

from ripstop.scan.testing import javascript
from ripstop.scan.testing.nouns import Asked, Test


def only(body: str) -> Test:
    (found,) = javascript.tests(
        "test/a.test.ts", f"describe('orders', () => {{\n  it('works', async () => {{\n{body}\n  }})\n}})\n"
    )
    return found


def sent(body: str) -> list[tuple[str, str, bool]]:
    return [(one.method, one.path, one.error) for one in only(body).asked]


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        ("await request(app).post('/orders').send({}).expect(201)", ("POST", "/orders", False)),
        ("await request(app).post('/orders').expect(402)", ("POST", "/orders", True)),
        ("await agent.del(`/orders/${id}`)", ("DELETE", "/orders/{}", False)),
        ("const r = await fetch(`${base}/orders?x=1`)", ("GET", "{}/orders", False)),
        ("await fetch('http://127.0.0.1:3000/orders', { method: 'POST' })", ("POST", "/orders", False)),
        ("await axios.get('/orders')\nexpect(r.status).toBe(404)", ("GET", "/orders", True)),
        ("await app.inject({ method: 'PUT', url: '/orders/1' })", ("PUT", "/orders/1", False)),
        ("await app.request('/orders', { method: 'PATCH' })", ("PATCH", "/orders", False)),
        ("await request(app).get('/a')\nassert.equal(res.statusCode, 503)", ("GET", "/a", True)),
    ],
)
def test_a_request_is_seen_in_each_way_of_sending_it(call: str, asked: tuple[str, str, bool]) -> None:
    assert sent(call) == [asked]


def test_an_error_belongs_to_the_request_before_it() -> None:
    first, second = "await request(app).get('/a').expect(404)", "await request(app).get('/b').expect(200)"

    assert sent(f"{first}\n{second}") == [("GET", "/a", True), ("GET", "/b", False)]
    assert sent(f"{second}\n{first}") == [("GET", "/b", False), ("GET", "/a", True)]


def test_cases_are_told_apart_with_their_titles_and_lines() -> None:
    text = "it('a', () => {\n  get.get('/a')\n})\ntest(\"b's\", () => {\n  get.get('/b')\n})\n"

    first, second = javascript.tests("a.test.js", text)

    assert (first.nodeid, first.place.line, first.end_line) == ("a.test.js::a", 1, 3)
    assert (second.nodeid, second.place.line) == ("a.test.js::b's", 4)
    assert [one.asked for one in (first, second)] == [(Asked("GET", "/a", 2),), (Asked("GET", "/b", 5),)]


def test_what_only_looks_like_a_case_or_a_request_is_none() -> None:
    assert list(javascript.tests("a.test.js", "exit('x'); regex.test('y'); commit('z')")) == []
    assert sent("map.get('key'); cache.post(name)") == []


def test_an_expected_rejection_is_an_error_path() -> None:
    assert only("await expect(pay()).rejects.toThrow('declined')").error
    assert not only("await expect(pay()).resolves.toBe(1)").error
