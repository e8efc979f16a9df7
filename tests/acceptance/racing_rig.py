"""The service of `racing` on a rig of this process: workflows without pytest items, one a way to sell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx

from ripstop import config
from ripstop.errors import RipstopError
from ripstop.explore.engine import explore
from ripstop.explore.options import Options
from ripstop.model.events import Judged, WorkflowDone
from ripstop.model.experiment import CallOutcome, Experiment
from ripstop.model.fault import Facts
from ripstop.model.http import Exchange
from ripstop.model.plan import Plan
from ripstop.model.runner import Workflow
from ripstop.model.trace import Crossing
from ripstop.rig import run as running
from ripstop.rig.caller import NoAnswer
from ripstop.rig.rig import Rig
from ripstop.rig.run import Run
from ripstop.suite.arming import armed
from ripstop.suite.rivals import racing, rival

RACING = Path(__file__).with_name("racing")
KEY = "header:Idempotency-Key"
KEYED = ("looked_up", "unique", "unique_handled", "check_then_act")
"""Ways that are raced by the same request too; the others' key is nobody's business."""
Calls = Callable[[httpx.Client], object]


@dataclass(slots=True)
class Runner:
    """A WorkflowRunner over what a function calls. ``theirs`` is what another workflow sent."""

    rig: Rig
    workflow: Workflow
    calls: Calls
    theirs: Sequence[Exchange] | None = ()
    fill: Calls | None = None

    def run(self, plan: Plan, *, learn: bool = False, repeat: bool = True) -> Experiment:
        self.rig.settle()
        self.rig.reset()
        contest = racing(plan)
        other = rival(contest, KEY, lambda _: self.theirs) if contest else None
        arms = [armed(self.rig, one) for one in plan.injections]
        run = Run(self.rig, plan, arms, KEY, learn, repeat, rival=other)
        run.begin()
        with self.rig.client() as client:
            if self.fill:
                self.fill(client)
            run.enter_call()
            return run.finish(CallOutcome(passed=self._called(client)))

    def _called(self, client: httpx.Client) -> bool:
        try:
            self.calls(client)
        except NoAnswer:
            return False
        return True

    def facts(self, crossing: Crossing) -> Facts:
        return self.rig.facts(crossing.id.seam, crossing.id.operation)

    def restart(self, why: str = "") -> None:
        raise RipstopError("restarted", f"nothing here should need a fresh service: {why}")


def buying(rig: Rig, way: str, sku: str, **fields: object) -> Runner:
    """The workflow that buys one thing in a way of the shop's."""

    def calls(client: httpx.Client) -> None:
        client.post("/orders", json={"sku": sku}, headers={"Way": way, "Idempotency-Key": str(uuid4())})

    key = KEY if way in KEYED else None
    return Runner(rig, Workflow(f"racing::{way}", f"buy: {way}", idempotency_key=key), calls, **fields)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Explored:
    """What exploring races came to: (code, cause) of each finding, and every experiment in order."""

    done: WorkflowDone
    judged: tuple[Judged, ...]

    @property
    def found(self) -> set[tuple[str, str]]:
        return {(f.rule.code, str(f.evidence["cause"])) for f in self.done.findings}

    @property
    def reasons(self) -> set[str]:
        return {n.reason for n in self.done.not_exercised if n.reason != "filtered"}


def races(runner: Runner, *, faults: frozenset[str] = frozenset({"race"}), preemptions: int = 1) -> Explored:
    """Explore a workflow's races."""
    events = list(explore([runner], Options(faults=faults, preemptions=preemptions)))
    (done,) = (e for e in events if isinstance(e, WorkflowDone))
    return Explored(done, tuple(e for e in events if isinstance(e, Judged)))


@contextmanager
def opened(folder: Path) -> Iterator[Rig]:
    """The rig, learning as quickly as a service allows that does nothing after its answers."""
    patient, running._LEARN_QUIET_MS = running._LEARN_QUIET_MS, 30.0
    rig = Rig.start(config.load(folder))
    try:
        rig.mark()
        yield rig
    finally:
        rig.close()
        running._LEARN_QUIET_MS = patient
