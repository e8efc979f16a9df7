"""Python tests as people write them: what they send, what they expect, who wrote them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from ripstop.model.survey import Place, Stake
from ripstop.scan.testing import python
from ripstop.scan.testing.nouns import Asked, Injected, Test


def read(text: str, path: str = "tests/test_a.py", **others: str) -> list[Test]:
    """The tests of a file, with other test files beside it."""
    files = {name: python.parse(f"tests/{name}.py", dedent(other)) for name, other in others.items()}
    elsewhere = {helper: file for file in files.values() for helper in file.helpers}
    return list(python.tests(python.parse(path, dedent(text)), elsewhere))


def only(text: str, **others: str) -> Test:
    (found,) = read(text, **others)
    return found


def sent(body: str) -> list[tuple[str, str, bool]]:
    """What a test with this body sends, and whether an error is expected of it."""
    lines = "\n".join(f"    {line}" for line in dedent(body).strip().splitlines())
    return [
        (one.method, one.path or one.name, one.error) for one in only(f"def test_a(client):\n{lines}\n").asked
    ]


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        ("client.post('/orders', json={})", ("POST", "/orders")),
        ("self.client.get(f'/orders/{order.id}?full=1')", ("GET", "/orders/{}")),
        ("client.request('DELETE', '/orders/%s' % 3)", ("DELETE", "/orders/{}")),
        ("client.put('/orders/{}'.format(3))", ("PUT", "/orders/{}")),
        ("client.patch(BASE + '/orders')", ("PATCH", "{}/orders")),
        ("requests.get('http://testserver/orders')", ("GET", "/orders")),
        ("client.get(url='/orders')", ("GET", "/orders")),
        ("client.get(f'{settings.API}/orders/')", ("GET", "{}/orders/")),
        ("self.client.get(reverse('orders:detail', args=[1]))", ("GET", "orders:detail")),
    ],
)
def test_a_request_is_seen_however_its_path_is_put_together(call: str, asked: tuple[str, str]) -> None:
    assert sent(call) == [(*asked, False)]


@pytest.mark.parametrize(
    "call", ["cache.get('key')", "d.get(name)", "response.json().get('id')", "client.get(x)"]
)
def test_what_is_no_request_is_not(call: str) -> None:
    assert sent(call) == []


def test_constants_are_followed_from_the_module_the_class_set_up_and_the_function() -> None:
    (found,) = read(
        """
        ROOT = "/api"

        class TestOrders(TestCase):
            name = "orders"

            def setUp(self):
                self.url = f"{ROOT}/{self.name}"

            def test_a(self):
                tail = "/lines"
                self.client.get(self.url + tail)
        """
    )

    assert [one.path for one in found.asked] == ["/api/orders/lines"]
    assert found.nodeid == "tests/test_a.py::TestOrders::test_a"


@pytest.mark.parametrize(
    "asserted",
    [
        "assert r.status_code == 404",
        "assert 404 == r.status_code",
        "assert r.status_code in (400, 422)",
        "assert r.status_code == HTTPStatus.NOT_FOUND",
        "assert r.status_code == status.HTTP_403_FORBIDDEN",
        "assert r.status_code >= 400",
        "self.assertEqual(r.status_code, 409)",
        "assert not r.ok",
        "assert r.is_client_error",
    ],
)
def test_an_asserted_refusal_is_an_error_path(asserted: str) -> None:
    assert sent(f"r = client.get('/a')\n{asserted}") == [("GET", "/a", True)]


@pytest.mark.parametrize(
    "asserted",
    [
        "assert r.status_code == 200",
        "assert r.status_code != 500",
        "assert r.status_code < 400",
        "assert r.status_code in (200, 404)",
        "assert r.ok",
        "assert r.json()['total'] == 404",
    ],
)
def test_an_asserted_success_is_none(asserted: str) -> None:
    assert sent(f"r = client.get('/a')\n{asserted}") == [("GET", "/a", False)]


def test_the_refusal_belongs_to_the_request_it_is_asserted_of() -> None:
    assert sent(
        """
        first = client.post("/a", json={"x": str(1)})
        assert first.status_code == 201
        again = client.post(
            "/b",
            json={"x": str(2)},
        )
        assert again.status_code == 409
        assert client.get("/c").status_code == 404
        """
    ) == [("POST", "/a", False), ("POST", "/b", True), ("GET", "/c", True)]


def test_one_name_for_several_answers_means_the_last_one_before_the_assertion() -> None:
    assert sent(
        """
        r = client.get("/a")
        assert r.status_code == 200
        r = client.get("/b")
        assert r.status_code == 404
        """
    ) == [("GET", "/a", False), ("GET", "/b", True)]


def test_statuses_are_kept_also_those_of_parameters() -> None:
    found = only(
        """
        @pytest.mark.parametrize(("body", "expected"), [({}, 400), ({"x": 1}, 422)])
        def test_a(client, body, expected):
            assert client.post("/a", json=body).status_code == expected
        """
    )

    assert found.asked == (Asked("POST", "/a", 4, error=True, statuses=(400, 422)),)


def test_faults_are_told_with_their_place_also_those_of_parameters() -> None:
    found = only(
        """
        @pytest.mark.parametrize("fault", [faults.connection_lost(), faults.status(503)], ids=str)
        def test_a(service, seams, fault):
            with seams.db.inject(fault, at="INSERT orders") as broken:
                service.post("/orders")
            silence = faults.hang()
            with seams.pay.inject(silence):
                service.post("/other")
            service.get("/orders")
        """
    )

    both = (Injected("db", "INSERT orders", "connection_lost"), Injected("db", "INSERT orders", "status"))
    assert [one.injected for one in found.asked] == [both, (Injected("pay", "", "hang"),), ()]
    assert [one.error for one in found.asked] == [True, True, False]
    assert found.error


def test_expecting_an_exception_is_an_error_path_also_without_a_request() -> None:
    assert sent("with pytest.raises(NoAnswer):\n    client.get('/a')") == [("GET", "/a", True)]
    assert only("def test_a():\n    with self.assertRaises(ValueError):\n        f()").error


def test_what_helpers_send_is_the_test_s_own_also_from_other_files_and_deeper() -> None:
    found = only(
        """
        from tests.helpers import place

        def test_a(client):
            place(client)
        """,
        helpers="""
        def place(client):
            login(client)
            return client.post("/orders")

        def login(client):
            client.post("/login")
        """,
    )

    assert [one.path for one in found.asked] == ["/orders", "/login"]


def test_an_error_asserted_of_what_a_helper_answered_is_its_requests() -> None:
    found = only(
        """
        def place(client):
            return client.post("/orders")

        def test_a(client):
            answer = place(client)
            assert answer.status_code == 402
        """
    )

    assert [(one.path, one.error) for one in found.asked] == [("/orders", True)]


def test_a_fixture_that_gives_a_function_is_a_helper() -> None:
    found = only(
        """
        @pytest.fixture
        def place(client):
            def placed():
                return client.post("/orders")
            return placed

        def test_a(place):
            place()
        """
    )

    assert [one.path for one in found.asked] == ["/orders"]


def test_what_fixtures_send_is_no_test_s_and_helpers_in_a_circle_send_once() -> None:
    found = only(
        """
        @pytest.fixture
        def order(client):
            return client.post("/orders")

        def a(client):
            client.get("/a")
            b(client)

        def b(client):
            a(client)

        def test_a(client, order):
            a(client)
        """
    )

    assert [one.path for one in found.asked] == ["/a"]


def test_generated_tests_are_known_by_the_manifest_and_red_ones_by_their_mark() -> None:
    found = read(
        """
        def test_pin(service):
            service.post("/a")

        @pytest.mark.xfail(strict=True, reason="RS204 ...", raises=AssertionError)
        def test_finding(service):
            service.post("/a")

        def test_mine(service):
            service.post("/a")

        # ripstop: test_pin 0123456789ab pin 01234567
        # ripstop: test_finding 0123456789ab finding 01234567
        # ripstop: ORDER 0123456789ab constant 01234567
        """
    )

    assert [(one.generated, one.red) for one in found] == [(True, False), (True, True), (False, False)]


def test_a_marker_tells_a_name_and_what_it_is_worth() -> None:
    found = only(
        """
        COST = 35.5

        @pytest.mark.workflow("place an order", risk="critical", cost_of_failure=COST, owner="me")
        async def test_a(service): ...
        """
    )

    assert found.workflow == "place an order"
    said_at = Place("tests/test_a.py", 4)
    assert found.stake == Stake(risk="critical", cost_of_failure=35.5, owner="me", said_at=said_at)


def test_what_a_marker_computes_or_gets_wrong_is_left_out() -> None:
    found = only("@pytest.mark.workflow(risk=level(), revenue='x', frequency=-1)\ndef test_a(): ...")

    assert (found.workflow, found.stake) == ("test_a", Stake())
