"""Requests in tests, and the routes that answer them."""

from __future__ import annotations

import pytest

from ripstop.model.survey import Place, Route
from ripstop.scan.testing.matching import Router
from ripstop.scan.testing.nouns import Asked

ROUTES = (
    ("GET", "/"),
    ("GET", "/api/orders"),
    ("POST", "/api/orders"),
    ("GET", "/api/orders/{id}"),
    ("GET", "/api/orders/latest"),
    ("GET", "/api/users/{user_id}/orders/{id}"),
    ("GET", "/files/{name:path}"),
    ("GET", "/api/v{version}/ping"),
    ("*", "/hooks"),
    ("PUT", "/a/lines"),
    ("PUT", "/b/lines"),
)


def asked(method: str, path: str = "", name: str = "") -> str | None:
    """The path of the route that answers."""
    place = Place("app.py", 1)
    router = Router.of(
        Route(m, p, f"app.views.{m.lower()}_{n}", place, "x") for n, (m, p) in enumerate(ROUTES)
    )
    found = router.route(Asked(method, path, 1, name=name))
    return found.path if found else None


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/api/orders", "/api/orders"),
        ("/api/orders/", "/api/orders"),
        ("/api/orders/42", "/api/orders/{id}"),
        ("/api/orders/{}", "/api/orders/{id}"),
        ("/api/orders/o-{}", "/api/orders/{id}"),
        ("/api/orders/latest", "/api/orders/latest"),
        ("/api/users/{}/orders/{}", "/api/users/{user_id}/orders/{id}"),
        ("/files/a/b/c.txt", "/files/{name:path}"),
        ("/api/v2/ping", "/api/v{version}/ping"),
        ("{}/orders", "/api/orders"),
        ("{}/orders/{}", "/api/orders/{id}"),
        ("/orders/7", "/api/orders/{id}"),
        ("/hooks", "/hooks"),
    ],
)
def test_a_path_finds_its_route(path: str, route: str) -> None:
    assert asked("GET", path) == route


@pytest.mark.parametrize("path", ["/nowhere", "{}", "/{}", "{}/{}", "/api/orders/1/lines"])
def test_a_path_that_could_be_anything_finds_none(path: str) -> None:
    assert asked("GET", path) is None


def test_the_end_of_two_routes_means_neither() -> None:
    assert asked("PUT", "{}/lines") is None
    assert asked("PUT", "{}/a/lines") == "/a/lines"


def test_the_method_counts() -> None:
    assert asked("DELETE", "/api/orders") is None
    assert asked("DELETE", "/hooks") == "/hooks"


@pytest.mark.parametrize(
    ("name", "route"),
    [
        ("get_4", "/api/orders/latest"),
        ("shop:get_4", "/api/orders/latest"),
        ("get-4", "/api/orders/latest"),
        ("hooks", "/hooks"),
    ],
)
def test_a_name_finds_the_handler_or_the_path_of_its_words(name: str, route: str) -> None:
    assert asked("GET", name=name) == route


def test_a_name_that_nothing_is_called_finds_none() -> None:
    assert asked("GET", name="invoices") is None
