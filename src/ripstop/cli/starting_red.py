"""A finding's red test, as backfill writes it, on a bench and frozen: where ``tdd --from-finding`` starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ripstop import config as configuration
from ripstop.agents.gate import Gate, committed
from ripstop.backfill import writing
from ripstop.backfill.candidate import FINDING
from ripstop.backfill.writing import Material, Written
from ripstop.cli import explore, options, store, trials
from ripstop.cli.backfill import Samples, altered
from ripstop.config import Config
from ripstop.errors import BaselineError, UsageError
from ripstop.integrity.frozen import Frozen
from ripstop.model.events import WorkflowDone


def of_finding(identity: str, root: Path, gate: Gate) -> Frozen:
    """Explore the finding's crossing again, write its test on the bench, and freeze it red.

    Raises UsageError ``no-such-replay``, ``finding-gone``, ``not-written``, ``wrong-red``.
    """
    config = configuration.load(root)
    replay = store.load(config.root, identity)
    written = _written(config, replay)
    project = gate.repository.top / gate.repository.prefix
    folder = project / config.tests_dir
    path = folder / f"{written.file}.py"
    if not folder.is_dir():
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    path.write_text(written.text, encoding="utf-8")
    committed(project, f"the test of finding {identity}")
    relative = path.relative_to(project).as_posix()
    names = [one.name for one in written.kept if one.code]
    found = gate.judge(gate.repository).red([f"{relative}::{name}" for name in names], "HEAD")
    if found.frozen is None:
        raise UsageError(
            "wrong-red",
            f"the test of {identity} is not red for the right reason",
            details=[f"{one.nodeid}: {one.reason}: {one.said}" for one in found.colours],
            way_out="write one by hand, freeze it with ripstop red, and go on with ripstop gate green",
        )
    return found.frozen


def _written(config: Config, replay: store.Replay) -> Written:
    done, samples = _explored_again(config, replay)
    found = tuple(one for one in done.findings if one.plan == replay.plan)
    if not found:
        raise UsageError(
            "finding-gone",
            f"{replay.nodeid} no longer tears there",
            way_out="explore again: it may be mended already",
        )
    folder = config.root / config.tests_dir
    stem = writing.file_stem(done, {})
    path = folder / f"{stem}.py"
    existing = path.read_text(encoding="utf-8") if path.is_file() else ""
    records = tuple(samples.found.get(done.baseline.workflow, ()))
    only = Material(stem, replace(done, findings=found, held=()), records, existing)
    with trials.Folder(folder, config.root, [], config.budget_s) as place:
        (written,) = writing.backfill([only], place.runner, trials.formatter(folder), red=True, alter=altered)
    if not any(one.code for one in written.kept):
        why = [f"{one.name}: {one.reason}" for one in written.dropped]
        raise UsageError(
            "not-written",
            f"no {FINDING} test could be written and proven",
            details=[*why, written.problem] if written.problem else why,
            way_out="write one by hand, freeze it with ripstop red, and go on with ripstop gate green",
        )
    return written


def _explored_again(config: Config, replay: store.Replay) -> tuple[WorkflowDone, Samples]:
    """The finding's workflow, its own seam broken: its test is to be under all faults that tear it there."""
    samples = Samples()
    seams = frozenset(one.crossing.seam for one in replay.plan.injections)
    asked = replace(options.defaults(config), seams=seams)
    tally = explore.session(config, asked, [replay.nodeid, *replay.rivals], [samples])
    done = next((one for one in tally.done if one.baseline.nodeid == replay.nodeid), None)
    if done is None:
        raise BaselineError(
            "workflow-red",
            f"{replay.nodeid} has no baseline",
            details=[f"{one.reason}: {', '.join(one.details)}" for one in tally.refused],
            way_out="it must be green without faults first",
        )
    return done, samples
