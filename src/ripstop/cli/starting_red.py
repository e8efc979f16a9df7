"""A finding's red test, as backfill writes it, on a bench and frozen: where ``tdd --from-finding`` starts."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ripstop import config as configuration
from ripstop.agents.gate import Gate, committed
from ripstop.backfill import desired, writing
from ripstop.backfill.candidate import FINDING
from ripstop.backfill.writing import Material, Written
from ripstop.cli import explore, keeping, options, store, trials
from ripstop.cli.backfill import Samples, altered
from ripstop.config import Config
from ripstop.errors import BaselineError, UsageError
from ripstop.integrity.frozen import Frozen
from ripstop.model.events import WorkflowDone
from ripstop.model.plan import replay_id


def of_finding(identity: str, root: Path, gate: Gate) -> tuple[Frozen, str]:
    """Put a finding's test on the bench without its xfail, written anew where there is none; freeze it red.

    Gives what is frozen, and what the finding is in a sentence.

    Raises UsageError ``no-such-replay``, ``finding-gone``, ``not-written``, ``wrong-red``.
    """
    config = configuration.load(root)
    if config.root.resolve() != root.resolve():
        raise UsageError("elsewhere", f"the project is {config.root}", way_out="run it there")
    replay = store.load(config.root, identity)
    project = gate.repository.project
    folder = project / config.tests_dir
    path, told = bared(folder, replay_id(replay.nodeid, replay.plan)) or _laid_down(folder, config, replay)
    committed(project, f"the test of finding {identity}")
    relative = path.relative_to(project).as_posix()
    found = gate.judge(gate.repository).red([f"{relative}::{name}" for name in told], "HEAD")
    if found.frozen is None:
        raise UsageError(
            "wrong-red",
            f"the test of {identity} is not red for the right reason",
            details=[f"{one.nodeid}: {one.reason}: {one.said}" for one in found.colours],
            way_out="write one by hand, freeze it with ripstop red, and go on with ripstop gate green",
        )
    return found.frozen, "\n".join(dict.fromkeys(told.values()))


def bared(folder: Path, identity: str) -> tuple[Path, Mapping[str, str]] | None:
    """The test that an earlier backfill wrote, with the mark taken away that expects it to fail."""
    for path in sorted(folder.glob("*.py")):
        text = path.read_text(encoding="utf-8", errors="replace")
        marks = list(_marks(text, identity)) if identity in text else []
        if marks:
            lines = text.splitlines(keepends=True)
            for _, mark in reversed(marks):
                del lines[mark.lineno - 1 : mark.end_lineno or mark.lineno]
            path.write_text("".join(lines), encoding="utf-8")
            return path, {name: _reason(mark) for name, mark in marks}
    return None


def _marks(text: str, identity: str) -> Iterator[tuple[str, ast.expr]]:
    """Each test that is expected to fail for a finding: its name, and its mark."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            for mark in node.decorator_list:
                said = ast.unparse(mark)
                if "mark.xfail(" in said and f"replay {identity}" in said:
                    yield node.name, mark


def _reason(mark: ast.expr) -> str:
    words = {one.arg: one.value for one in mark.keywords} if isinstance(mark, ast.Call) else {}
    said = words.get("reason")
    return str(said.value) if isinstance(said, ast.Constant) else ""


def _laid_down(folder: Path, config: Config, replay: store.Replay) -> tuple[Path, Mapping[str, str]]:
    """A new test of the finding, in the file of its workflow."""
    written, reason = _written(config, replay)
    if not folder.is_dir():
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    path = folder / f"{written.file}.py"
    path.write_text(written.text, encoding="utf-8")
    return path, {one.name: reason for one in written.kept if one.code}


def _written(config: Config, replay: store.Replay) -> tuple[Written, str]:
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
    return written, desired.reason(found[0])


def _faults(config: Config, replay: store.Replay) -> Iterator[str]:
    """The names of a finding's faults, from what the last exploration left."""
    yield from (one.fault.name for one in replay.plan.injections)
    identity = replay_id(replay.nodeid, replay.plan)
    known = store.read_private(config.root, keeping.FILE).get("workflows", {})
    for cell in known.get(replay.nodeid, {}).get("cells", ()):
        if cell.get("replay") == identity:
            yield cell["fault"]


def _explored_again(config: Config, replay: store.Replay) -> tuple[WorkflowDone, Samples]:
    """The finding's workflow, under all the faults that are known to tear it there, and no others."""
    samples = Samples()
    asked = replace(options.defaults(config), faults=frozenset(_faults(config, replay)))
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
