"""How the engine runs a workflow without knowing pytest, the service or the servers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from ripstop.model.experiment import Experiment
from ripstop.model.fault import Facts
from ripstop.model.http import Headers
from ripstop.model.plan import Plan
from ripstop.model.survey import Stake
from ripstop.model.trace import Crossing


@dataclass(frozen=True, slots=True)
class Workflow:
    """A collected workflow: one pytest item and what its marker says.

    ``credentials`` are the names of the headers that say who asks, empty where they are to be
    guessed; ``other`` is a second identity: headers, or the name of a fixture that gives them;
    ``public`` are steps that anybody may take. ``races`` False keeps it out of races, ``races_with`` are
    the names of other workflows to race it with. ``stake`` is what it is worth, as far as that is said.
    """

    nodeid: str
    name: str
    risk: str = "normal"
    idempotency_key: str | None = None
    path: str = ""
    line: int = 0
    credentials: tuple[str, ...] = ()
    other: Headers | str = ()
    public: tuple[str, ...] = ()
    stake: Stake = field(default_factory=Stake)
    races: bool = True
    races_with: tuple[str, ...] = ()


class WorkflowRunner(Protocol):
    """Runs one workflow, one experiment at a time.

    ``run`` raises ExperimentError only when the set-up itself broke; a service that dies is an
    outcome. ``facts`` answers what a seam knows about a recorded crossing. ``restart`` gives
    the workflow a fresh service process.
    """

    @property
    def workflow(self) -> Workflow: ...

    def run(self, plan: Plan, *, learn: bool = False, repeat: bool = True) -> Experiment:
        """Run once. Without ``repeat`` a request that was answered well is not sent again.

        With ``learn`` the runner reads state after every step and waits long for work that goes
        on after an answer; used for baselines.
        """
        ...

    def facts(self, crossing: Crossing) -> Facts: ...

    def restart(self, why: str = "") -> None: ...
