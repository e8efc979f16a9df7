"""What a person says, laid on the routes it is about."""

from __future__ import annotations

from ripstop.model.survey import Place, Route, Stake
from ripstop.scan.stakes import joined, lay
from ripstop.scan.testing.nouns import Asked, Test

HERE = Place("app.py", 1)
ROUTES = (
    Route("POST", "/login", "app.login", HERE, "fastapi"),
    Route("POST", "/orders", "app.place", HERE, "fastapi"),
    Route("GET", "/orders/{order_id}", "app.show", HERE, "fastapi"),
)
POINTS = {"POST /login": 20, "POST /orders": 90, "GET /orders/{order_id}": 3}


def marked(**said: object) -> Test:
    """A workflow that logs in, orders and looks."""
    asked = (Asked("POST", "/login", 1), Asked("POST", "/orders", 2), Asked("GET", "/orders/{}", 3))
    stake = Stake(**said, said_at=Place("test_a.py", 7)) if said else Stake()  # type: ignore[arg-type]
    return Test("test_a.py::test_a", Place("test_a.py", 8), 20, asked, workflow="A sale", stake=stake)


def test_a_marker_speaks_of_the_riskiest_route_its_test_calls() -> None:
    laid = lay({}, [marked(risk="critical")], ROUTES, POINTS)

    assert list(laid.by_operation) == ["POST /orders"]
    assert laid.by_operation["POST /orders"].risk == "critical"


def test_an_operation_may_name_its_variables_otherwise() -> None:
    laid = lay({"GET /orders/{id}": Stake(owner="a"), "POST /orders/": Stake(owner="b")}, [], ROUTES, POINTS)

    owners = {operation: stake.owner for operation, stake in laid.by_operation.items()}
    assert owners == {"GET /orders/{order_id}": "a", "POST /orders": "b"}


def test_an_operation_goes_before_a_name_and_a_name_before_a_marker_field_by_field() -> None:
    said = {"A sale": Stake(owner="b", frequency=5.0), "POST /orders": Stake(owner="a")}

    laid = lay(said, [marked(owner="c", frequency=9.0, currency="EUR")], ROUTES, POINTS)

    found = laid.by_operation["POST /orders"]
    assert (found.owner, found.frequency, found.currency) == ("a", 5.0, "EUR")


def test_what_fits_no_route_is_told_with_the_nearest() -> None:
    said = {"POST /order": Stake(owner="a", said_at=Place("pyproject.toml", 12))}

    laid = lay(said, [marked()], ROUTES, POINTS)

    assert laid.notes == (
        "pyproject.toml:12: no route or workflow 'POST /order' was found; did you mean 'POST /orders'?",
    )


def test_a_zero_that_was_said_is_kept() -> None:
    assert joined(Stake(revenue=0.0), Stake(revenue=5.0)).revenue == 0.0
