"""A pytest session that explores instead of testing: items are collected as ever, then handed over.

What a user's ``addopts`` may carry that would break experiments apart (parallel runs, reruns, time-outs)
`ripstop.suite.calm` puts to rest; stopping at the first failure is undone by an option after theirs. What a
finalizer raises is not collected, for an interrupt may be among it: see ``ripstop.cli.main``.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from ripstop.errors import ExperimentError, RipstopError, UsageError
from ripstop.rig.rig import Rig
from ripstop.suite import calm
from ripstop.suite.plugin import RIG
from ripstop.suite.running import ItemRunner
from ripstop.suite.workflows import workflow_of

Visit = Callable[[Sequence[ItemRunner]], None]


@dataclass(slots=True, eq=False)
class _Handover:
    """The plugin that takes over pytest's run loop."""

    ready: Callable[[], Rig]
    visit: Visit
    problem: RipstopError | None = None
    interrupted: bool = False
    said: io.StringIO = field(default_factory=io.StringIO)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        reporter = config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter._tw._file = self.said

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> Iterator[None]:
        try:
            return (yield)
        except KeyboardInterrupt:
            # As below: the servers that are starting meanwhile are to be stopped at once.
            self.interrupted = True
            raise session.Failed("interrupted") from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Failed("collection failed: mend the errors above, then explore")
        # Nobody reads it, and plugins take seconds over it.
        hooks: Any = session.config.hook
        hooks.pytest_terminal_summary = _no_summary
        try:
            self.visit(self._runners(session))
        except RipstopError as error:
            self.problem = error
        except KeyboardInterrupt:
            # Kept from pytest, which would spend seconds on a traceback that nobody reads.
            self.interrupted = True
            warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        except BaseException:
            _end_fixtures(session)
            raise
        ended = _end_fixtures(session)
        self.problem = self.problem or ended
        return True

    def _runners(self, session: pytest.Session) -> list[ItemRunner]:
        rig = session.config.stash[RIG] = self.ready()
        runners = [
            ItemRunner(item, rig, workflow) for item in session.items if (workflow := workflow_of(item))
        ]
        for runner in runners:
            runner.peers = runners
        return runners


def _no_summary(**_: object) -> list[object]:
    return []


def _end_fixtures(session: pytest.Session) -> RipstopError | None:
    """Tear down module- and session-scoped fixtures; what they complained of."""
    try:
        session._setupstate.teardown_exact(None)
    except (Exception, pytest.fail.Exception) as error:
        return ExperimentError(
            "teardown-failed",
            "a module- or session-scoped fixture failed at its tear-down",
            details=str(error).splitlines()[:15] or [type(error).__name__],
            way_out="what was reported stands; mend the fixture",
        )
    return None


def hand_over(arguments: Sequence[str], rig: Rig | Callable[[], Rig], visit: Visit) -> None:
    """Collect workflows with pytest's own arguments and call ``visit`` with a runner for each.

    A rig that still starts is given as what waits for it: it is waited for once all is collected.
    Raises what ``visit`` raised, KeyboardInterrupt, or UsageError where pytest could not collect.
    """
    handover = _Handover((lambda: rig) if isinstance(rig, Rig) else rig, visit)
    ours = ("-q", "--no-header", "--maxfail=0", "-p", "no:unraisableexception")
    status = pytest.main([*arguments, *ours], plugins=[handover, calm])
    if handover.interrupted or status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if handover.problem:
        raise handover.problem
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise UsageError(
            "collection-failed",
            "pytest could not collect the tests",
            details=handover.said.getvalue().strip().splitlines()[-40:],
            way_out="run `pytest --collect-only` with the same arguments and mend what it says",
        )
