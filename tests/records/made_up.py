"""A made-up exploration of one workflow, as the documents that runs leave. For looking and testing."""

from __future__ import annotations

from typing import Any

from ripstop.model.survey import Stake
from ripstop.records.reading import records
from ripstop.records.record import Record

NODEID = "tests/test_orders.py::test_place_order"
STEP = "POST /orders"
STAKE = Stake("critical", 120_000, 80, 9_000, "EUR", "payments")


def place(seam: str, operation: str, nth: int = 1) -> dict[str, Any]:
    protocol = {"payments": "http", "client": "client"}.get(seam, "postgres")
    return {"step": STEP, "seam": seam, "protocol": protocol, "operation": operation, "nth": nth}


def crossing(seam: str, operation: str, **fields: Any) -> dict[str, Any]:
    return {**place(seam, operation), "tables": [], "kind": "write", "process": "", **fields}


def counts(expected: int, after_call: int, after_retry: int) -> dict[str, int]:
    return {"expected": expected, "after_call": after_call, "after_retry": after_retry}


def outcome(status: int | None, rows: tuple[int, int, int], charges: tuple[int, int, int]) -> dict[str, Any]:
    """What a run came to: the first answer, and (usual, after the call, after the retry) of each kind."""
    body = '{"error": "order_persist_failed", "request": "8f14e45f-ceea-467f-a1e2-6d0b5e6f7a11"}'
    return {
        "answer": {"status": status, "failure": None if status else "timeout", "body": body},
        "rows": {"insert orders": counts(*rows)},
        "effects": {"payments charge": counts(*charges)},
        "retry": {"status": 201, "failure": None, "body": '{"id": 7}'},
    }


def cell(seam: str, operation: str, fault: str, mark: str = "held", **fields: Any) -> dict[str, Any]:
    blank = {"params": {}, "with": [], "note": "", "reason": "", "outcome": {}}
    return {**place(seam, operation), "fault": fault, "mark": mark, **blank, **fields}


TORN = cell(
    "db",
    "COMMIT",
    "reply_lost",
    "torn",
    note="RS205",
    reason="2 rows in orders where the baseline has 1",
    outcome=outcome(503, (1, 1, 2), (1, 1, 1)),
)
REFUSED = cell("db", "INSERT orders", "sqlstate", params={"code": "40001"})
REFUSED["outcome"] = outcome(503, (1, 0, 1), (1, 1, 1))
LOST = {**REFUSED, "fault": "connection_lost", "params": {}}
HUNG = cell("payments", "POST /v1/charges", "hang", outcome=outcome(None, (1, 0, 1), (1, 0, 1)))
MISSED = cell("db", "COMMIT", "slow", "not exercised", note="reduced-same-wait")
ENTRY: dict[str, Any] = {
    "workflow": "place an order",
    "steps": [STEP],
    "usual": [{"step": STEP, "status": 201, "rows": {"insert orders": 1}, "effects": {"payments charge": 1}}],
    "idempotency_key": "body:key",
    "budget_ms": 5_000,
    "crossings": [
        crossing("payments", "POST /v1/charges", kind="call"),
        crossing("db", "INSERT orders", tables=["orders"]),
        crossing("db", "COMMIT", kind="commit"),
    ],
    "cells": [MISSED, TORN, REFUSED, LOST, HUNG],
}
EXPLORED: dict[str, Any] = {"schema": "ripstop-explored/1", "workflows": {NODEID: ENTRY}}


def fired(fault: str, seam: str, operation: str, **params: Any) -> dict[str, Any]:
    return {**place(seam, operation), "fault": fault, "params": params}


def suite(
    outcome: str, *faults: dict[str, Any], test: str = "tests/test_down.py::test_down"
) -> dict[str, Any]:
    return {"tests": {test: {"outcome": outcome, "workflow": "", "steps": [], "fired": list(faults)}}}


def record(stake: Stake = STAKE, known: dict[str, Any] | None = None, **entry: Any) -> Record:
    """The record of ENTRY with some of its fields replaced."""
    explored = {"workflows": {NODEID: {**ENTRY, **entry}}}
    return records(explored, known or {}, {"place an order": stake})[0]
