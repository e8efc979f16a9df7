"""A workflow that lives in memory: what a service would do under each plan, said in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ripstop.model.experiment import CallOutcome, Experiment
from ripstop.model.fault import Facts
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.plan import Plan
from ripstop.model.runner import Workflow
from ripstop.model.state import Change, Effect, Observation
from ripstop.model.trace import Crossing, CrossingId, Kind, Phase
from ripstop.oracles.inbound import ALTERED

STEP = "POST /orders"
KEYED = Request("POST", "/orders", (("content-type", "application/json"),), b'{"key": "k-1"}')
ROW = Change("insert", "orders", None, {"id": "1", "status": "paid"})
CHARGE = Effect("payments", "charge", "k-1")
WHOLE = Observation((ROW,), (CHARGE,))


def crossing(operation: str, kind: Kind, *, seam: str = "db", nth: int = 1, at_ms: float = 0.0) -> Crossing:
    protocol = "http" if kind is Kind.CALL else "postgres"
    tables = ("orders",) if kind is Kind.WRITE else ()
    identity = CrossingId(STEP, seam, operation, nth)
    return Crossing(identity, protocol, kind, tables=tables, in_transaction=kind is Kind.WRITE, at_ms=at_ms)


CHARGED = crossing("POST /v1/charges", Kind.CALL, seam="payments")
TRACE = (
    CHARGED,
    crossing("BEGIN", Kind.BEGIN),
    crossing("INSERT orders", Kind.WRITE),
    crossing("COMMIT", Kind.COMMIT),
)


def answered(status: int | None = 201, body: bytes = b'{"status": "paid"}') -> Exchange:
    return Exchange(STEP, KEYED, Answer(status, (("content-type", "application/json"),), body))


def green(trace: Sequence[Crossing] = TRACE) -> Experiment:
    return Experiment(
        Plan(), (answered(),), trace=tuple(trace), by_step={STEP: WHOLE}, after_call=WHOLE, after_retry=None
    )


def refused(plan: Plan) -> Experiment:
    """The service answered 503, left nothing, and the retry put everything right."""
    return replace(
        green(),
        plan=plan,
        exchanges=(answered(503, b'{"error": "try again"}'),),
        call=CallOutcome(passed=False, error="assert 503 == 201"),
        fired=plan.injections,
        broken_step=STEP,
        after_call=Observation((), (CHARGE,)),
        retry=replace(answered(), phase=Phase.RETRY.value),
        after_retry=WHOLE,
    )


def rejected(plan: Plan) -> Experiment:
    """A broken request was refused and left nothing; the good one did what it always does."""
    return replace(
        refused(plan), exchanges=(answered(422, b'{"error": "not an order"}'),), after_call=Observation()
    )


Behaviour = Callable[[Plan, int], Experiment]


@dataclass
class Shop:
    """A WorkflowRunner without a service. ``behave`` is asked with the plan and how often it ran before;
    requests broken by the caller itself are refused."""

    behave: Behaviour = lambda plan, _nth: refused(plan)
    controls: list[Experiment] = field(default_factory=lambda: [green()])
    key: str | None = None
    plans: list[Plan] = field(default_factory=list)
    restarts: int = 0
    reasons: list[str] = field(default_factory=list)

    @property
    def workflow(self) -> Workflow:
        return Workflow("tests/test_shop.py::test_order", "place an order", idempotency_key=self.key)

    def run(self, plan: Plan, *, learn: bool = False, repeat: bool = True) -> Experiment:
        before = self.plans.count(plan)
        self.plans.append(plan)
        if any(i.fault.name in ALTERED for i in plan.injections):
            return rejected(plan)
        if plan.injections:
            return self.behave(plan, before)
        return self.controls[min(before, len(self.controls) - 1)]

    def facts(self, crossing: Crossing) -> Facts:
        return Facts()

    def restart(self, why: str = "") -> None:
        self.restarts += 1
        self.reasons.append(why)
