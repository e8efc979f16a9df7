"""A made-up survey: a dangerous order, a plain list, a health check left out. For looking and testing."""

from __future__ import annotations

from ripstop.model.survey import (
    Exit,
    FailureMode,
    Hazard,
    LeftOut,
    Place,
    Ranked,
    Reach,
    RiskCoverage,
    Route,
    Stake,
    Sureness,
    Survey,
    Unread,
)
from ripstop.model.trace import Kind

APP = "orders/app.py"
TEST = "tests/test_orders.py::test_place_order"


def at(line: int, symbol: str = "", path: str = APP) -> Place:
    return Place(path, line, symbol)


CHARGE = Reach(
    "http",
    "POST /v1/charges",
    Kind.CALL,
    at(56, "charge"),
    target="$PAYMENTS_URL",
    client="requests",
    via=(at(36),),
    effect=True,
    timeout=False,
    key=True,
    caught=("requests.RequestException",),
)
INSERT = Reach(
    "postgres",
    "INSERT orders",
    Kind.WRITE,
    at(43),
    target="orders",
    client="sqlalchemy",
    in_transaction=True,
    sureness=Sureness.LIKELY,
)
PLACE = Ranked(
    Route("POST", "/orders", "orders.app.place_order", at(27, "place_order"), "FastAPI", "import"),
    (CHARGE, INSERT),
    (
        Hazard("no-timeout", "the call states no limit", 15, at(56)),
        Hazard("effect-then-write", "the charge is made before the order is stored", 40, at(43)),
    ),
    95,
    Stake("critical", 120_000.0, 85.5, 3_000.0, "EUR", "payments", at(8, "", "tests/test_orders.py")),
    (
        Exit("except", "requests.RequestException", at(37), ()),
        Exit("answer", "503", at(46), ("tests/test_orders.py::test_down",)),
        Exit("raise", "ValueError", at(60), None),
    ),
    (
        FailureMode("http", "POST /v1/charges", "stall", at(56)),
        FailureMode("http", "POST /v1/charges", "reply_lost", at(56), explored="torn"),
        FailureMode("postgres", "INSERT orders", "connection_lost", at(43), (TEST,)),
    ),
    (TEST,),
)
LIST = Ranked(
    Route("GET", "/orders/{id}", "orders.app.read", at(70, "read"), "FastAPI", sureness=Sureness.LIKELY),
    (Reach("postgres", "SELECT orders", Kind.READ, at(72), target="orders"),),
    (Hazard("user-data", "reads what belongs to a person", 10, at(72), Sureness.GUESS),),
    10,
    failure_modes=(FailureMode("postgres", "SELECT orders", "hang", at(72)),),
)
HEALTH = Route("GET", "/health", "orders.app.health", at(22, "health"), "FastAPI")
SURVEY = Survey(
    (PLACE, LIST),
    (LeftOut(HEALTH, "reaches no seam"),),
    (Unread(at(3, "", "orders/broken.py"), "invalid syntax"),),
    RiskCoverage(105, 0, 1, 0, 2, 2),
    12,
    0.42,
    ("the application was imported with DATABASE_URL made up",),
)
HOSTILE = "</td><script>alert(1)</script>\x1b[31m\u202e\"'"
