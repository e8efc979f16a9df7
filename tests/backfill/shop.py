"""Hand-made outcomes of exploring small shops: one request, or a basket and then its checkout."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ripstop.model.events import Held, WorkflowDone
from ripstop.model.experiment import Baseline, Experiment, StepBaseline
from ripstop.model.fault import FaultSpec
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.plan import Injection, Plan, replay_id
from ripstop.model.state import Change, Effect, Observation
from ripstop.model.trace import Crossing, CrossingId, Kind
from ripstop.model.verdict import Finding, Rule, Severity

STEP = "POST /orders"
JSON = (("content-type", "application/json"),)
LOST = FaultSpec("connection_lost")
RESET = FaultSpec("connection_reset")
NOTHING = Observation()
KEYS = ("1f0e2b44-1111-4222-8333-0123456789ab", "9c0e2b44-1111-4222-8333-0123456789ab")


def request(body: Any, *headers: tuple[str, str], method: str = "POST", target: str = "/orders") -> Request:
    sent = b"" if body is None else json.dumps(body).encode()
    return Request(method, target, (*JSON, ("host", "127.0.0.1:1"), *headers), sent)


def answer(status: int | None = 201, body: Any = None, *, failure: str | None = None) -> Answer:
    return Answer(status, JSON, b"" if body is None else json.dumps(body).encode(), failure=failure)


def order(key: str = KEYS[0], **more: Any) -> dict[str, Any]:
    return {"userId": "u-1", "amountCents": 4200, "idempotencyKey": key, **more}


OK = answer(201, {"id": 7, "status": "paid"})
FAILED = answer(503, {"error": "order_persist_failed", "retryable": True})
PAID = Change(
    "insert",
    "orders",
    None,
    {"id": "7", "user_id": "u-1", "status": "paid", "password": "x"},
    {"id": "bigint", "user_id": "text", "status": "text", "password": "text"},
)
CHARGE = Effect("payments", "charge", KEYS[0], {"amountCents": 4200})


def crossing(
    seam: str, operation: str, kind: Kind, *, step: str = STEP, nth: int = 1, **fields: Any
) -> Crossing:
    protocol = "http" if kind is Kind.CALL else "postgres"
    return Crossing(CrossingId(step, seam, operation, nth), protocol, kind, **fields)


TRACE = (
    crossing("payments", "POST /v1/charges", Kind.CALL),
    crossing("db", "INSERT orders", Kind.WRITE, tables=("orders",)),
    crossing("db", "COMMIT", Kind.COMMIT),
)


def baseline(sent: Request | None = None, **fields: Any) -> Baseline:
    exchange = Exchange(STEP, sent or request(order()), OK)
    step = StepBaseline(STEP, exchange, Observation((PAID,), (CHARGE,)), frozenset({"/id"}))
    known: dict[str, Any] = {
        "workflow": "place an order",
        "trace": TRACE,
        "steps": (step,),
        "volatile_columns": frozenset({("orders", "id")}),
        "idempotency_key": "body:idempotencyKey",
    }
    return Baseline(nodeid="tests/test_orders.py::test_place_order", **{**known, **fields})


def injection(
    fault: FaultSpec = LOST, *, seam: str = "db", at: str = "INSERT orders", tries: int = 1
) -> Injection:
    return Injection(CrossingId(STEP, seam, at), fault, tries)


def held(
    where: Injection | None = None, got: Answer = FAILED, *, sent: Request | None = None, **fields: Any
) -> Held:
    """An order that failed after the charge, and that a retry made good."""
    where = where or injection()
    exchange = Exchange(STEP, sent or request(order(KEYS[1])), got)
    known: dict[str, Any] = {
        "exchanges": (exchange,),
        "trace": TRACE,
        "after_call": Observation((), (CHARGE,)),
        "retry": replace(exchange, answer=OK),
        "after_retry": Observation((PAID,), (CHARGE,)),
    }
    plan = Plan((where,))
    run = Experiment(plan, fired=(where,), broken_step=STEP, **{**known, **fields})
    return Held(plan, run)


def finding(
    code: str = "RS205",
    *,
    where: Injection | None = None,
    severity: Severity = Severity.HIGH,
    title: str = "2 rows in orders where the baseline has 1",
    **evidence: Any,
) -> Finding:
    where = where or injection(FaultSpec("reply_lost"), at="COMMIT")
    plan = Plan((where,))
    rule = Rule(code, "a-rule", "a rule", severity, "")
    faults = (where.fault, FaultSpec("repeated_request"))
    return Finding(rule, severity, where.crossing, faults, title, evidence, plan, replay_id("node", plan))


def done(*, base: Baseline | None = None, **fields: Any) -> WorkflowDone:
    known: dict[str, Any] = {"findings": (), "cells": (), "not_exercised": (), "held": ()}
    return WorkflowDone(base or baseline(), experiments=1, seconds=0.1, **{**known, **fields})
