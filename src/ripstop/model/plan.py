"""Plans: which faults at which crossings, and the id under which a plan is replayed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from ripstop.model.fault import Fault, FaultSpec
from ripstop.model.trace import CrossingId

ANY_STEP = "*"
"""The step of an injection that a hand-written test makes: whatever request comes inside its block."""


@dataclass(frozen=True, slots=True, order=True)
class Injection:
    """One fault at one crossing: at ``tries`` matches from its nth on; 0 means all of them."""

    crossing: CrossingId
    fault: FaultSpec
    tries: int = 1

    def matches(self, crossing: CrossingId) -> bool:
        here = self.crossing
        if (here.seam, here.operation) != (crossing.seam, crossing.operation):
            return False
        within = not self.tries or crossing.nth < here.nth + self.tries
        return self.concerns(crossing.step) and crossing.nth >= here.nth and within

    def concerns(self, step: str) -> bool:
        return self.crossing.step in (ANY_STEP, step)

    def __str__(self) -> str:
        tries = {0: ", every try", 1: ""}.get(self.tries, f", first {self.tries} tries")
        return f"{self.fault} at {self.crossing.seam}: {self.crossing.operation}{tries}"


@dataclass(frozen=True, slots=True)
class Armed:
    """A fault in place: the injection that asks for it and the fault that answers the hooks."""

    injection: Injection
    fault: Fault


@dataclass(frozen=True, slots=True, order=True)
class Plan:
    """The injections of one experiment. An empty plan is a control: nothing is broken."""

    injections: tuple[Injection, ...] = ()

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {
                "step": i.crossing.step,
                "seam": i.crossing.seam,
                "operation": i.crossing.operation,
                "nth": i.crossing.nth,
                "fault": i.fault.name,
                "params": dict(i.fault.params),
                "tries": i.tries,
            }
            for i in self.injections
        ]

    @classmethod
    def from_json(cls, data: list[dict[str, Any]]) -> Plan:
        return cls(
            tuple(
                Injection(
                    CrossingId(d["step"], d["seam"], d["operation"], d["nth"]),
                    FaultSpec.of(d["fault"], **d["params"]),
                    d["tries"],
                )
                for d in data
            )
        )


def replay_id(nodeid: str, plan: Plan) -> str:
    """Ten hex digits of SHA-256 over the node id and the plan: the same on every machine."""
    text = json.dumps([nodeid, plan.as_json()], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:10]
