"""The service of `every_seam` on a rig of this process: one ticket bought, with one fault armed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ripstop import config
from ripstop.faults import catalogue
from ripstop.model.experiment import CallOutcome, Experiment
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection, Plan
from ripstop.model.trace import CONNECT, Crossing, CrossingId, Kind, Trace
from ripstop.rig.caller import NoAnswer
from ripstop.rig.inbound import Identity
from ripstop.rig.rig import Rig
from ripstop.rig.run import Run
from ripstop.suite.arming import armed
from ripstop.suite.rivals import racing, rival

EVERY_SEAM = Path(__file__).with_name("every_seam")
ANN, BEN = ("Authorization", "Bearer ann"), ("Authorization", "Bearer ben")
KEY = "header:Idempotency-Key"
_keys = itertools.count(1)


@dataclass(slots=True)
class Shop:
    """``baseline`` is the trace of one purchase without a fault."""

    rig: Rig
    baseline: Trace = ()

    def run(self, spec: FaultSpec | None = None, where: CrossingId | None = None) -> Experiment:
        """A purchase from the mark on, with a fault where one is named; its record, retry included."""
        self.rig.reset()
        plan = Plan((Injection(where, spec),)) if spec and where else Plan()
        arms = [armed(self.rig, one) for one in plan.injections]
        who = Identity((ANN,), (BEN,), KEY)
        race = racing(plan)
        other = rival(race, KEY, lambda _: ()) if race else None
        run = Run(self.rig, plan, arms, idempotency_key=KEY, who=who, rival=other)
        run.begin()
        run.enter_call()
        return run.finish(CallOutcome(passed=self._buys()))

    def _buys(self) -> bool:
        """Buy a ticket and look at it, as the workflow does."""
        headers = dict([ANN, ("Idempotency-Key", f"key-{next(_keys)}")])
        try:
            with self.rig.client() as client:
                bought = client.post("/orders", json={"seat": "B12", "cents": 4200}, headers=headers)
                made = bought.json().get("id") if bought.status_code == 201 else None
                return client.get(f"/orders/{made or 2147483646}", headers=headers).status_code == 200
        except NoAnswer:
            return False

    def offers(self, name: str, protocol: str) -> tuple[FaultSpec, CrossingId] | None:
        """The last crossing at which a fault is offered, and in which form: by then the keys are there."""
        for crossing in (one for one in self._crossings() if one.protocol == protocol):
            facts = replace(self.rig.facts(crossing.id.seam, crossing.id.operation), rivals=("another",))
            for fault in catalogue.offered(crossing, facts):
                if fault.spec.name == name:
                    return fault.spec, crossing.id
        return None

    def _crossings(self) -> Iterator[Crossing]:
        """Those of the baseline, the last first, and a connection to each server that it could have made."""
        yield from reversed(self.baseline)
        for name, seam in self.rig.parts.seams.items():
            yield Crossing(CrossingId("POST /orders", name, CONNECT), seam.protocol, Kind.CONNECT)

    def crossing(self, seam: str, operation: str) -> CrossingId:
        return next(c.id for c in self.baseline if (c.id.seam, c.id.operation) == (seam, operation))


@contextmanager
def opened(folder: Path) -> Iterator[Shop]:
    """A rig with the service started and one purchase made; everything is stopped again."""
    shop = Shop(Rig.start(config.load(folder)))
    try:
        shop.rig.mark()
        shop.run()
        shop.baseline = shop.run().trace
        yield shop
    finally:
        shop.rig.close()
