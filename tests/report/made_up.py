"""A made-up run: one workflow, a few findings, much that held. For looking at reports and testing them."""

from __future__ import annotations

from typing import Any

from ripstop.model.events import (
    BaselineTaken,
    Cell,
    Event,
    ExploreDone,
    FindingConfirmed,
    Judged,
    ServiceReady,
    WorkflowDone,
    WorkflowRefused,
)
from ripstop.model.experiment import Baseline, Experiment, SourceLine, StepBaseline
from ripstop.model.fault import FaultSpec
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.plan import Injection, Plan, replay_id
from ripstop.model.state import Change, Effect, Observation
from ripstop.model.trace import Crossing, CrossingId, Kind
from ripstop.model.verdict import Finding, NotExercised, Rule, Severity, Status

STEP = "POST /orders"
NODEID = "tests/test_orders.py::test_place_order"
RULES = {
    "RS101": Rule("RS101", "unhandled-error", "unhandled error", Severity.MEDIUM, "page"),
    "RS204": Rule("RS204", "duplicate-effect", "duplicate effect", Severity.CRITICAL, "page"),
    "RS102": Rule("RS102", "unbounded-wait", "unbounded wait", Severity.HIGH, "page"),
}
SQL = ("40001", "40P01", "57014", "25006", "53100")


def place(seam: str = "db", operation: str = "INSERT orders", nth: int = 1) -> CrossingId:
    return CrossingId(STEP, seam, operation, nth)


CHARGE = place("payments", "POST /v1/charges")
COMMIT = place(operation="COMMIT")


def crossing(identity: CrossingId, **fields: Any) -> Crossing:
    protocol = "http" if identity.seam == "payments" else "postgres"
    kind = Kind.CALL if protocol == "http" else Kind.WRITE
    return Crossing(identity, protocol, kind, **fields)


TRACE = tuple(
    crossing(identity, at_ms=3.0 * n, duration_ms=1.2)
    for n, identity in enumerate((place(operation="SELECT products"), CHARGE, place(), COMMIT))
)
ORDER = Exchange(STEP, Request("POST", "/orders"), Answer(201, (), b'{"id": 7}', 12.0))
SEEN = Observation(
    (Change("insert", "orders", None, {"id": "7", "status": "paid"}),),
    (Effect("payments", "charge", "k1", {"amount": 4200}),),
)
BASELINE = Baseline(NODEID, "place an order", TRACE, (StepBaseline(STEP, ORDER, SEEN),), duration_ms=14.2)

EVIDENCE: dict[str, Any] = {
    "broke": ["connection_lost at db: INSERT orders"],
    "answer": {
        "status": 500,
        "failure": None,
        "content_type": "text/plain",
        "body": "Internal Server Error",
    },
    "rows": {"insert orders": {"expected": 1, "after_call": 0, "after_retry": 1}},
    "effects": {"payments charge": {"expected": 1, "after_call": 1, "after_retry": 2}},
    "retry": {"status": 201, "failure": None, "content_type": "application/json", "body": '{"id": 8}'},
    "log": ["ERROR could not reach postgresql://shop:hunter2@db/shop"],
}


def finding(
    code: str = "RS204",
    *,
    at: CrossingId | None = None,
    faults: tuple[str, ...] = ("connection_lost", "reply_lost"),
    title: str = "2 charges at payments where the baseline has 1, after a retry under the same key",
    severity: Severity | None = None,
    evidence: dict[str, Any] | None = None,
) -> Finding:
    at = at or place()
    specs = tuple(FaultSpec.of(name) for name in faults)
    plan = Plan((Injection(at, specs[0]),))
    rule = RULES[code]
    return Finding(
        rule,
        severity or rule.severity,
        at,
        specs,
        title,
        EVIDENCE if evidence is None else evidence,
        plan,
        replay_id(NODEID, plan),
        SourceLine("shop/orders.py", 42, "    await session.execute(insert(orders))"),
    )


UNHANDLED = finding(
    "RS101",
    at=CHARGE,
    faults=("connection_reset", "malformed", "empty"),
    title="POST /orders answered a bare 500 that no code of the service chose",
)
ADVICE = finding(
    "RS102",
    at=COMMIT,
    faults=("stall",),
    severity=Severity.ADVICE,
    title="POST /orders was not answered within 5000 ms on a dead network: server-side timeouts do not "
    "reach the service there, only a timeout in its client would",
)


def _cells() -> tuple[Cell, ...]:
    cells = []
    http = (
        "connection_refused unreachable connection_reset reply_lost hang late_reply slow declined malformed"
    )
    for name in f"{http} truncated empty wrong_type missing_field".split():
        torn = name in ("connection_reset", "malformed", "empty")
        cells.append(Cell(CHARGE, FaultSpec.of(name), "torn" if torn else "held", "RS101" if torn else ""))
    statuses = {code: FaultSpec.of("status", code=code) for code in (500, 503, 429, 401, 404)}
    cells += [Cell(CHARGE, fault, "unknown" if code == 429 else "held") for code, fault in statuses.items()]
    for identity in (c.id for c in TRACE if c.id.seam == "db"):
        for name in ("connection_lost", "reply_lost", "hang", "stall", "slow"):
            torn = identity == place() and name in ("connection_lost", "reply_lost")
            advised = name == "stall" and identity == COMMIT
            skipped = name == "stall" and identity != COMMIT
            mark = "torn" if torn else "not exercised" if skipped else "held"
            note = (
                "RS204" if torn else "RS102 (advice)" if advised else "reduced-same-wait" if skipped else ""
            )
            cells.append(Cell(identity, FaultSpec.of(name), mark, note))
        for code in SQL[: 2 if identity == COMMIT else 5]:
            skipped = code == "53100"
            mark, note = ("not exercised", "reduced-same-outcome") if skipped else ("held", "")
            cells.append(Cell(identity, FaultSpec.of("sqlstate", code=code), mark, note))
    return tuple(cells)


CELLS = _cells()
LEFT_OUT = (
    *(NotExercised(c.crossing, c.fault, c.note) for c in CELLS if c.mark == "not exercised"),
    NotExercised(place("payments", "POST /v1/refunds"), FaultSpec.of("hang"), "not-reached"),
    NotExercised(COMMIT, FaultSpec.of("pool_exhausted"), "out-of-time"),
)


def judged(done: int, planned: int, status: Status = Status.HELD) -> Judged:
    return Judged("place an order", Experiment(Plan()), status, (), done, planned)


def done(*findings: Finding, **fields: Any) -> WorkflowDone:
    values: dict[str, Any] = {
        "cells": CELLS,
        "not_exercised": LEFT_OUT,
        "held": (),
        "experiments": 46,
        "seconds": 3.4,
        "verdicts": {"held": 38, "torn": 5, "unknown": 1},
        **fields,
    }
    return WorkflowDone(BASELINE, findings, **values)


REFUSED = WorkflowRefused(
    "tests/test_orders.py::test_ship",
    "ship an order",
    "ship an order: two runs without any fault did not do the same",
    ("only in the first run: POST /ship > db: INSERT parcels", "way out: make the test repeat itself"),
)
END = ExploreDone(1, complete=False, stop_reason="out of time", seconds=4.9)


def run() -> tuple[Event, ...]:
    """All of it, in order."""
    half = finding(faults=("connection_lost",))
    return (
        ServiceReady(1.24, ("python start-up shim: 1 host intercepted",)),
        BaselineTaken(BASELINE, 44),
        *(judged(n, 44) for n in range(1, 20)),
        judged(20, 44, Status.TORN),
        FindingConfirmed("place an order", half),
        *(judged(n, 44) for n in range(21, 31)),
        FindingConfirmed("place an order", finding()),
        FindingConfirmed("place an order", UNHANDLED),
        FindingConfirmed("place an order", ADVICE),
        *(judged(n, 46) for n in range(31, 47)),
        done(finding(), UNHANDLED, ADVICE),
        REFUSED,
        END,
    )
