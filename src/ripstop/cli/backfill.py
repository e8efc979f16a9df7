"""``ripstop backfill``: explores, then writes what held and what tore as pytest files, each test proven."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.backfill import writing
from ripstop.backfill.checklist import lines
from ripstop.backfill.writing import Material, Written
from ripstop.cli import explore, options, trials
from ripstop.cli.sharing import write_shared
from ripstop.cli.stdout import own_stdout
from ripstop.config import Config
from ripstop.faults import catalogue
from ripstop.model.events import Event, Judged, WorkflowDone
from ripstop.model.experiment import Experiment
from ripstop.model.fault import Facts, FaultSpec, Replace
from ripstop.model.http import Headers, Request
from ripstop.model.trace import CLIENT, Crossing, CrossingId, Kind
from ripstop.report.terminal import TerminalReport
from ripstop.report.text import clean
from ripstop.rig.inbound import credentials_of

HELP = "write what held and what tore as tests, each proven able to fail"
_RECORDS = 6


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="ripstop backfill", description=HELP, epilog="everything else is handed to pytest"
    )
    options.add_exploring(parser)
    parser.add_argument("--red", action="store_true", help="write findings' tests bare, without xfail")
    parser.add_argument("--out", metavar="DIR", help="where the tests go (default: tests_dir, tests/seams)")
    given, pytest_arguments = parser.parse_known_args(list(arguments))
    config = explore.configured(given)
    asked = options.exploring(given, config)
    folder = config.root / (given.out or config.tests_dir)
    samples = Samples()
    with own_stdout() as stream:
        readers: list[explore.Reader] = [TerminalReport(stream), samples]
        tally = explore.session(config, asked, pytest_arguments, readers, workers=given.workers)
        for text in _written(config, folder, tally.done, samples, pytest_arguments, red=given.red):
            stream.write(clean(text) + "\n")
            stream.flush()
    return tally.exit_code


@dataclass(slots=True)
class Samples:
    """A few experiments of each workflow, kept to compare requests between runs."""

    found: dict[str, list[Experiment]] = field(default_factory=dict)

    def handle(self, event: Event) -> None:
        if isinstance(event, Judged):
            mine = self.found.setdefault(event.workflow, [])
            mine.append(event.experiment)
            mine.sort(key=lambda run: -len(run.exchanges))
            del mine[_RECORDS:]


def _written(
    config: Config,
    folder: Path,
    done: Sequence[WorkflowDone],
    samples: Samples,
    pytest_arguments: Sequence[str],
    *,
    red: bool,
) -> list[str]:
    """Write the files; what to tell about them."""
    if not done:
        return []
    materials = _materials(folder, done, samples)
    seconds = config.budget_s
    with trials.Folder(folder, config.root, pytest_arguments, seconds) as place:
        result = writing.backfill(materials, place.runner, trials.formatter(folder), red=red, alter=altered)
    return [line for one in result for line in _told(one, _save(folder, one), config.root)]


def altered(fault: FaultSpec, request: Request, other: Headers) -> Request | None:
    """What a fault of the caller's own side makes of a request; None where it leaves it alone."""
    facts = Facts(request=request, other=other, credentials=credentials_of(request))
    where = Crossing(CrossingId("", CLIENT, ""), CLIENT, Kind.CALL)
    commands = catalogue.build(fault, CLIENT, facts).on_request(where)
    return next((c.request for c in commands if isinstance(c, Replace)), None)


def _materials(folder: Path, done: Sequence[WorkflowDone], samples: Samples) -> list[Material]:
    stems: dict[str, str] = {}
    found = []
    for one in done:
        stem = writing.file_stem(one, stems)
        stems[stem] = one.baseline.nodeid
        path = folder / f"{stem}.py"
        existing = path.read_text(encoding="utf-8") if path.is_file() else ""
        records = tuple(samples.found.get(one.baseline.workflow, ()))
        found.append(Material(stem, one, records, existing))
    return found


def _save(folder: Path, one: Written) -> Path:
    """Put the file in its place, whole; nothing where nothing is to be written."""
    path = folder / f"{one.file}.py"
    if not one.text:
        return path
    if not folder.is_dir():
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    if not path.is_file() or path.read_text(encoding="utf-8") != one.text:
        write_shared(path, one.text, "test")
    return path


def _told(one: Written, path: Path, root: Path) -> list[str]:
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    told = ["", *lines(one.workflow, one.told)]
    if one.problem:
        return [*told, f"  {shown}: {one.problem}"]
    pinned = sum(not kept.code for kept in one.kept)
    told.append(
        f"  {shown}: {pinned} pinned, {len(one.kept) - pinned} found torn"
        if one.text
        else "  nothing written"
    )
    told += [f"    left alone, edited by you: {name}" for name in one.edited]
    told += [f"    left away, deleted by you: {name}" for name in one.deleted]
    told += [f"    removed, no longer true: {name} ({why})" for name, why in one.removed]
    told += [f"    not written: {drop.name}: {drop.reason}" for drop in one.dropped]
    told += _secrets(one.secrets)
    return told


def _secrets(secrets: Mapping[str, str]) -> list[str]:
    return [f"    set {name} before running these tests: secrets are not written down" for name in secrets]
