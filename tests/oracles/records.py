"""Small hand-made records: a shop that charges a card and inserts an order, and ways to break it."""

from __future__ import annotations

import json
from typing import Any

from ripstop.model.experiment import Baseline, CallOutcome, Experiment, StepBaseline
from ripstop.model.fault import FaultSpec
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.plan import Injection, Plan
from ripstop.model.state import Change, Effect, Observation
from ripstop.model.trace import Crossing, CrossingId, Kind, Phase
from ripstop.model.verdict import Status, Verdict

STEP = "POST /orders"
NOTHING = Observation()


def answer(
    status: int | None = 201, content: Any = None, *, failure: str | None = None, kind: str = ""
) -> Answer:
    """An answer: JSON for anything but text and bytes."""
    text = content if isinstance(content, str) else json.dumps(content)
    kind = kind or ("text/plain" if isinstance(content, str) else "application/json")
    return Answer(status, (("content-type", kind),), text.encode() if status else b"", 1.0, failure)


OK = answer(201, {"id": 7, "status": "paid"})
MAPPED = answer(503, {"error": "order_persist_failed", "retryable": True})
BARE = answer(500, "Internal Server Error")
TIMEOUT = answer(None, failure="timeout")
DROPPED = answer(None, failure="dropped")


def exchange(got: Answer = OK, *, step: str = STEP, phase: str = "call", key: str | None = None) -> Exchange:
    headers = (("Idempotency-Key", key),) if key else ()
    return Exchange(step, Request("POST", "/orders", headers, b'{"item": "tea"}'), got, phase)


def insert(table: str = "orders", *, transaction: int = 1, **new: Any) -> Change:
    image = {"id": "1", "status": "paid", **{k: None if v is None else str(v) for k, v in new.items()}}
    return Change("insert", table, None, image, {}, transaction)


def update(old: Change, *, transaction: int = 1, **values: Any) -> Change:
    assert old.new is not None
    texts = {name: None if value is None else str(value) for name, value in values.items()}
    return Change("update", old.table, old.new, {**old.new, **texts}, {}, transaction)


def delete(old: Change, *, transaction: int = 1) -> Change:
    return Change("delete", old.table, old.new, None, {}, transaction)


def charge(key: str = "k1", **data: Any) -> Effect:
    return Effect("payments", "charge", key, {"amount": 4200, **data})


def refund(**data: Any) -> Effect:
    return Effect("payments", "refund", None, {"compensates": "charge", **data})


def seen(*items: Change | Effect) -> Observation:
    changes = tuple(i for i in items if isinstance(i, Change))
    return Observation(changes, tuple(i for i in items if isinstance(i, Effect)))


def call(nth: int = 1, operation: str = "POST /v1/charges", **fields: Any) -> Crossing:
    """A crossing at the payments seam."""
    identity = CrossingId(fields.pop("step", STEP), "payments", operation, nth)
    return Crossing(identity, "http", Kind.CALL, **{"duration_ms": 2.0, "outcome": "status:200", **fields})


def statement(operation: str = "INSERT orders", *, kind: Kind = Kind.WRITE, **fields: Any) -> Crossing:
    """A crossing at the db seam."""
    return Crossing(CrossingId(fields.pop("step", STEP), "db", operation, 1), "postgres", kind, **fields)


TRACE = (call(at_ms=1.0), statement(at_ms=4.0), statement("COMMIT", kind=Kind.COMMIT, at_ms=5.0))
SHOP = seen(insert(), charge())


def baseline(
    observed: Observation = SHOP,
    *,
    got: Answer = OK,
    key: str | None = None,
    volatile_body: frozenset[str] = frozenset({"/id"}),
    more: tuple[StepBaseline, ...] = (),
    **fields: Any,
) -> Baseline:
    """One step that inserts an order and charges once, unless told otherwise."""
    fields.setdefault("volatile_columns", frozenset({("orders", "id")}))
    fields.setdefault("trace", TRACE)
    step = StepBaseline(STEP, exchange(got), observed, volatile_body)
    return Baseline(
        "tests/test_shop.py::test_order", "place an order", steps=(step, *more), idempotency_key=key, **fields
    )


def injection(
    fault: str = "connection_lost", seam: str = "db", operation: str = "INSERT orders", **params: Any
) -> Injection:
    return Injection(CrossingId(STEP, seam, operation), FaultSpec.of(fault, **params))


def record(
    got: Answer = MAPPED,
    *,
    left: Observation = NOTHING,
    retry: Answer | None = None,
    after: Observation | None = None,
    fault: Injection | None = None,
    control: bool = False,
    key: str | None = None,
    **fields: Any,
) -> Experiment:
    """One broken order: what the caller got, what was left, what the retry did."""
    plan = Plan(() if control else (fault or injection(),))
    fields.setdefault("exchanges", (exchange(got, key=key),))
    fields.setdefault("fired", plan.injections)
    fields.setdefault("trace", TRACE)
    return Experiment(
        plan,
        call=CallOutcome(got.succeeded),
        broken_step=None if control else STEP,
        after_call=left,
        retry=None if retry is None else exchange(retry, phase=Phase.RETRY.value, key=key),
        after_retry=after,
        **fields,
    )


def healthy(**fields: Any) -> Experiment:
    """A control: nothing broken, everything as in the baseline."""
    return record(OK, left=SHOP, control=True, **fields)


def torn(verdict: Verdict | None) -> Verdict:
    assert verdict is not None
    assert verdict.status is Status.TORN, verdict.summary
    return verdict


def held(verdict: Verdict | None) -> Verdict:
    assert verdict is not None
    assert verdict.status is Status.HELD, verdict.summary
    return verdict
