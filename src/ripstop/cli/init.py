"""``ripstop init``: from a clone to a configuration, doubles, and first green tests for what matters most."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from ripstop.cli import trials
from ripstop.cli.rehearsing import Rehearsal
from ripstop.cli.sharing import write_shared
from ripstop.cli.stdout import own_stdout
from ripstop.config import stakes
from ripstop.errors import UsageError
from ripstop.model.survey import Ranked, Survey
from ripstop.report.text import clean
from ripstop.scaffold import configuration, planning, testfile, writing
from ripstop.scaffold.configuration import Existing
from ripstop.scaffold.greening import Greening, Outcome
from ripstop.scaffold.plan import Plan
from ripstop.scaffold.planning import Layout
from ripstop.scaffold.project import Project
from ripstop.scan.survey import Options, surveyed
from ripstop.suite import calm

HELP = (
    "write a configuration, doubles and first tests for what matters most, and run them until they are green"
)
_PROOF_S = 180
_EPILOG = """It asks nothing that it can find out and changes no line of yours: tables are added to a
configuration that is there, files are added beside yours. Exit codes: 0 every workflow asked for is green,
2 usage, 3 the service would not start, 4 a workflow is left for you to finish"""


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="ripstop init", description=HELP, epilog=_EPILOG)
    parser.add_argument("--yes", action="store_true", help="write without asking")
    parser.add_argument("--dry-run", action="store_true", help="show what would be written, and stop")
    parser.add_argument(
        "--workflows", type=int, default=3, metavar="N", help="how many get a first test (default: 3)"
    )
    given = parser.parse_args(list(arguments))
    with own_stdout() as stream:
        return Init(Path.cwd(), stream).run(given)


@dataclass(slots=True)
class Init:
    """One run in a folder. ``stream`` is where people read."""

    root: Path
    stream: TextIO
    began: float = field(default_factory=time.monotonic)

    def run(self, given: argparse.Namespace) -> int:
        project = Project.read(self.root)
        found, applications = surveyed(self.root, Options(stakes=stakes(self.root)))
        before = _existing(project)
        layout = planning.layout(project)
        plan = planning.planned(project, found, applications, before)
        chosen = chosen_of(found, project, given.workflows)
        self._show(project, before, plan, layout, chosen)
        if given.dry_run or not self._agreed(yes=given.yes):
            return 0
        return self._build(project, found, before, layout, plan, chosen)

    def _show(
        self, project: Project, before: Existing, plan: Plan, layout: Layout, chosen: Sequence[Ranked]
    ) -> None:
        shown, by_hand = writing.changes(project, before, plan, layout, self._formatted)
        for line in writing.difference(shown):
            self._say(line)
        self._say("")
        for one in chosen:
            where = f"{one.route.operation} ({one.route.place})"
            self._say(f"then a first test of {where} in {layout.folder}/, run until it is green")
        if not chosen:
            self._say("no workflow without a test was found to write one for")
        for note in filter(None, (layout.note, *by_hand, *plan.notes)):
            self._say(f"note: {note}")

    def _agreed(self, *, yes: bool) -> bool:
        if yes:
            return True
        if not sys.stdin.isatty():
            raise UsageError(
                "not-agreed", "nothing was written", way_out="pass --yes to write, --dry-run only to look"
            )
        self.stream.write("Write this? [y/N] ")
        self.stream.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def _build(
        self,
        project: Project,
        found: Survey,
        before: Existing,
        layout: Layout,
        plan: Plan,
        chosen: Sequence[Ranked],
    ) -> int:
        stage = Rehearsal(self.root, lambda one: self._write(project, before, one, layout))
        work = Greening(project, plan, stage, planning.routes(found))
        try:
            if problem := work.start():
                self._say(f"the service would not start: {problem}")
                return 3
            outcomes = [work.reach(one) for one in chosen]
        finally:
            stage.close()
        stage.write(work.plan)
        if not chosen:
            self._say("next: ripstop explore")
            return 0
        paths = [self._test(one, layout) for one in outcomes]
        return self._told(work, outcomes, paths)

    def _write(self, project: Project, before: Existing, plan: Plan, layout: Layout) -> None:
        changed, _ = writing.changes(project, before, plan, layout, self._formatted)
        for one in changed:
            path = self.root / one.path
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_file() or path.read_text(encoding="utf-8") != one.after:
                write_shared(path, one.after)

    def _test(self, outcome: Outcome, layout: Layout) -> Path:
        folder = self.root / layout.folder
        folder.mkdir(parents=True, exist_ok=True)
        taken = [one.name for one in folder.iterdir()]
        path = folder / testfile.file_name(outcome.ranked.route, taken)
        write_shared(path, trials.formatter(folder)(testfile.text(outcome)))
        return path

    def _told(self, work: Greening, outcomes: Sequence[Outcome], paths: Sequence[Path]) -> int:
        """Run what was written as its owner would, and tell how it went and what comes next."""
        green = [path for path, one in zip(paths, outcomes, strict=True) if one.green]
        said = self._proof(green) if green else ""
        for line in work.said:
            self._say(line)
        for path, one in zip(paths, outcomes, strict=True):
            shown = path.relative_to(self.root)
            state = "green" if one.green and not said else "not green yet"
            sign, tries = (
                "✓" if state == "green" else "✗",
                f"{one.tries} tr{'y' if one.tries == 1 else 'ies'}",
            )
            self._say(f"  {sign} {one.ranked.route.operation}: {shown}, {state} after {tries}")
            if one.note:
                self._say(f"    {one.note}")
        if said:
            for line in ("pytest says of these files:", *said.splitlines()):
                self._say(line)
        self._say(f"{time.monotonic() - self.began:.0f} s from the first file read to here")
        if green and not said:
            self._say(f"next: ripstop explore{self._narrowed(green)}")
        return 0 if green and len(green) == len(outcomes) and not said else 4

    def _narrowed(self, green: Sequence[Path]) -> str:
        """The files by name, where a plain run would collect tests that are not ours."""
        mine = {path.parent for path in green}
        other = [
            p
            for folder in mine
            for p in folder.rglob("test_*.py")
            if p not in green and "xfail" not in p.read_text()
        ]
        in_tests = all(folder.name == "tests" for folder in mine)
        return "" if in_tests and not other else "".join(f" {path.relative_to(self.root)}" for path in green)

    def _proof(self, paths: Sequence[Path]) -> str:
        """pytest's last words where it does not pass; empty where it does."""
        command = [sys.executable, "-m", "pytest", *map(str, paths), "-q", "--no-header", "-p", calm.NAME]
        done = subprocess.run(
            command, cwd=self.root, capture_output=True, text=True, timeout=_PROOF_S, check=False
        )
        return (
            "" if done.returncode == 0 else "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        )

    def _formatted(self, text: str) -> str:
        return trials.formatter(self.root)(text)

    def _say(self, text: str) -> None:
        self.stream.write(clean(text) + "\n")
        self.stream.flush()


def chosen_of(found: Survey, project: Project, most: int) -> list[Ranked]:
    """The first ranked workflows that no test of Ripstop's covers yet."""
    return [one for one in found.workflows if not any(_is_workflow(test, project) for test in one.tests)][
        :most
    ]


def _is_workflow(test: str, project: Project) -> bool:
    return "mark.workflow" in project.text(test.partition("::")[0])


def _existing(project: Project) -> Existing:
    try:
        return configuration.existing(project)
    except ValueError as error:
        raise UsageError("malformed-toml", f"the configuration cannot be read: {error}") from error
