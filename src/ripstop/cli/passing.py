"""What ``record`` and ``drift`` share: which server is asked, and what the workflows ask a seam for."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ripstop.config import Config, SeamConfig
from ripstop.doubles.double import Heard
from ripstop.errors import BaselineError, UsageError
from ripstop.model.experiment import Experiment
from ripstop.model.plan import Plan
from ripstop.rig.rig import Rig
from ripstop.suite.running import ItemRunner
from ripstop.suite.session import hand_over


def http_seam(config: Config, name: str) -> SeamConfig:
    """The configured seam of that name. Raises UsageError ``unknown-seam`` where none speaks HTTP."""
    known = [seam.name for seam in config.seams.values() if seam.protocol == "http"]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError("unknown-seam", f"no http seam {name!r}", way_out=f"{hint}known: {', '.join(known)}")
    return config.seams[name]


def upstream(seam: SeamConfig, given: str | None) -> str:
    """The base URL of the server behind a seam: the one given, or the seam's own. Raises UsageError."""
    url = given or seam.upstream
    if url is None:
        hosts = f", such as https://{seam.hosts[0]}" if seam.hosts else ""
        raise UsageError(
            "no-upstream",
            f"which server stands behind the seam {seam.name!r}?",
            way_out=f"give --upstream URL{hosts}, or upstream in [tool.ripstop.seams.{seam.name}]",
        )
    if not url.startswith(("http://", "https://")):
        raise UsageError("no-upstream", f"--upstream {url!r} is no URL", way_out="begin it with https://")
    return url.rstrip("/")


@dataclass(frozen=True, slots=True)
class Ran:
    """What unfaulted runs of the workflows left: the calls each seam's double executed, in order, and the
    tests' own assertions that failed meanwhile."""

    heard: Mapping[str, list[Heard]]
    failed: tuple[str, ...] = ()


def ran(
    config: Config, seams: Sequence[str], pytest_arguments: Sequence[str], *, counting: bool = True
) -> Ran:
    """Run every workflow once. Raises UsageError where there is none, BaselineError ``workflow-red``
    where one does not pass; without ``counting``, where doubles count no effects, only where the service
    did not answer well or a double failed."""
    heard: dict[str, list[Heard]] = {name: [] for name in seams}
    failed: list[str] = []
    rig = Rig.start(config)
    try:

        def visit(runners: Sequence[ItemRunner]) -> None:
            if not runners:
                raise UsageError(
                    "no-workflows",
                    "pytest collected no test marked as a workflow",
                    way_out='mark a green test with @pytest.mark.workflow("what it does")',
                )
            for runner in runners:
                record = runner.run(Plan(), repeat=False)
                if not record.call.passed:
                    _must_be_sound(runner, record, rig.problems(), counting=counting)
                    failed.append(f"{runner.workflow.nodeid}: {record.call.error}")
                for name in seams:
                    heard[name] += rig.parts.doubles[name].heard

        hand_over(pytest_arguments, rig, visit)
    finally:
        rig.close()
    return Ran(heard, tuple(failed))


def _must_be_sound(
    runner: ItemRunner, record: Experiment, problems: Sequence[str], *, counting: bool
) -> None:
    unwell = [e.step for e in record.exchanges if e.answer.status is None or e.answer.status >= 500]
    if counting or unwell or problems or not record.exchanges:
        raise BaselineError(
            "workflow-red",
            f"{runner.workflow.nodeid} does not pass: {record.call.error}",
            details=record.log[-15:],
            way_out="it must be green without faults first",
        )
