"""Running one pytest item in three steps, any number of times, with the rig looking between them.

pytest's own protocol tears an item down before anyone can look; here the record is made between
call and tear-down. A sibling that never runs stands in as the next item, so that module- and
session-scoped fixtures live on between experiments.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ripstop.errors import ExperimentError, RipstopError, UsageError
from ripstop.model.experiment import CallOutcome, Experiment
from ripstop.model.fault import Facts
from ripstop.model.http import Exchange
from ripstop.model.plan import Plan
from ripstop.model.runner import Workflow
from ripstop.model.state import Observation
from ripstop.model.trace import CLIENT, Crossing
from ripstop.rig.inbound import NOBODY, Identity
from ripstop.rig.rig import Rig
from ripstop.rig.run import Run
from ripstop.suite.arming import armed
from ripstop.suite.rivals import racing, rival

_PACKAGE = Path(__file__).parents[1]


class _NeverRun(pytest.Item):
    """The next item, as far as fixtures are concerned."""

    def runtest(self) -> None:
        raise AssertionError("this item only marks the end of another")


@dataclass(slots=True)
class ItemRunner:
    """A WorkflowRunner over one collected pytest item and a rig. ``peers`` are those of other workflows."""

    item: pytest.Item
    rig: Rig
    workflow: Workflow
    _next: pytest.Item = field(init=False)
    peers: Sequence[ItemRunner] = ()
    _who: Identity = NOBODY
    _recorded: tuple[Exchange, ...] = ()

    def __post_init__(self) -> None:
        parent: Any = self.item.parent
        self._next = _NeverRun.from_parent(parent, name="(next experiment)")

    def run(self, plan: Plan, *, learn: bool = False, repeat: bool = True) -> Experiment:
        """Set up, call, observe, tear down. Raises ExperimentError where set-up or tear-down fails."""
        faults = tuple(armed(self.rig, injection) for injection in plan.injections)
        key = self.workflow.idempotency_key
        contest = racing(plan)
        other = rival(contest, key or "", self.recorded) if contest else None
        run = Run(self.rig, plan, faults, key, learn, repeat, rival=other)
        item: Any = self.item
        _must(self._arrive(), "tear-down", self.item)
        run.begin()
        if not getattr(item, "_request", None):
            item._initrequest()
        try:
            _must(self._phase("setup"), "set-up", self.item)
            self._who = run.who = _identity(self.item, self.workflow)
            run.enter_call()
            record = run.finish(_outcome(self._phase("call")))
        except BaseException:
            # Tear-down fails easily after another failure, and must not hide it.
            with contextlib.suppress(RipstopError):
                self._tear_down()
            raise
        _must(self._tear_down(), "tear-down", self.item)
        return record

    def facts(self, crossing: Crossing) -> Facts:
        known = self.rig.facts(crossing.id.seam, crossing.id.operation)
        if crossing.id.seam != CLIENT:
            return known
        if crossing.id.step in self.workflow.public:
            return replace(known, declared=True)
        who = self._who
        return replace(known, credentials=who.credentials, declared=bool(who.credentials), other=who.other)

    def recorded(self, workflow: str) -> Sequence[Exchange] | None:
        """What another workflow sent in a run of its own, up to its last request that changed something.

        None where no collected test has that name.
        """
        peer = next((one for one in self.peers if one.workflow.name == workflow), None)
        if peer is None:
            return None
        peer._recorded = peer._recorded or peer._changing()
        return peer._recorded

    def _changing(self) -> tuple[Exchange, ...]:
        run = self.run(Plan(), learn=True)
        changed = [i for i, e in enumerate(run.exchanges) if _left_something(run, e)]
        return run.exchanges[: changed[-1] + 1] if changed else ()

    def restart(self, why: str = "") -> None:
        self.rig.restart()
        if why:
            self.rig.notes.append(
                f"{self.workflow.name}: the service remembers earlier runs ({why}) and was started anew"
            )

    def _arrive(self) -> pytest.CallInfo[None]:
        """Tear down what lives on for the workflow that ran last, where that is of another file."""
        state: Any = self.item.session._setupstate
        return pytest.CallInfo.from_call(lambda: state.teardown_exact(self.item), when="teardown")

    def _tear_down(self) -> pytest.CallInfo[None]:
        item: Any = self.item
        try:
            return self._phase("teardown", nextitem=self._next)
        finally:
            item._request = False
            item.funcargs = None

    def _phase(self, when: Any, **kwargs: Any) -> pytest.CallInfo[None]:
        hook = getattr(self.item.ihook, f"pytest_runtest_{when}")
        reraise = (KeyboardInterrupt, pytest.exit.Exception, RipstopError)
        return pytest.CallInfo.from_call(lambda: hook(item=self.item, **kwargs), when=when, reraise=reraise)


def _identity(item: Any, workflow: Workflow) -> Identity:
    """Who asks, and who else could. A fixture is asked anew in each run: its token may be of this run only.

    Raises UsageError (``other-identity``) where the fixture gives no headers.
    """
    other: Any = workflow.other
    if isinstance(other, str):
        try:
            other = item._request.getfixturevalue(other)
        except pytest.FixtureLookupError as error:
            raise _no_identity(item, workflow, str(error.msg or f"no fixture {workflow.other!r}")) from None
        if not isinstance(other, Mapping):
            raise _no_identity(item, workflow, f"it returned {type(other).__name__}, not headers")
        other = tuple((str(name), str(value)) for name, value in other.items())
    named = tuple((name, "") for name in workflow.credentials)
    return Identity(named, other, workflow.idempotency_key or "")


def _left_something(run: Experiment, exchange: Exchange) -> bool:
    seen = run.by_step.get(exchange.step, Observation())
    return bool(seen.changes or seen.effects or seen.keys)


def _no_identity(item: pytest.Item, workflow: Workflow, why: str) -> UsageError:
    return UsageError(
        "other-identity",
        f"{item.nodeid}: other={workflow.other!r} gives no second identity: {why}",
        way_out='let that fixture return headers, such as {"Authorization": "Bearer ..."}',
    )


def _outcome(call: pytest.CallInfo[None]) -> CallOutcome:
    if call.excinfo is None:
        return CallOutcome(passed=True)
    return CallOutcome(passed=False, error=_last_line(call))


def _last_line(call: pytest.CallInfo[None]) -> str:
    assert call.excinfo is not None
    return call.excinfo.exconly(tryshort=True).strip().partition("\n")[0]


def _must(call: pytest.CallInfo[None], what: str, item: pytest.Item) -> None:
    if call.excinfo is not None:
        raise ExperimentError(
            f"{what.replace('-', '')}-failed",
            f"{item.nodeid}: the test's own {what} failed",
            details=_own_lines(call.excinfo)[-15:],
            way_out="fixtures must work again and again; make this one pass in a loop first",
        )


def _own_lines(problem: pytest.ExceptionInfo[BaseException]) -> list[str]:
    """The traceback without pytest's frames and ours, where that leaves any."""
    own = problem.traceback.filter(_is_own)
    problem.traceback = own or problem.traceback
    return str(problem.getrepr(style="short")).splitlines()


def _is_own(entry: Any) -> bool:
    path = Path(entry.path)
    return "site-packages" not in path.parts and _PACKAGE not in path.parents
