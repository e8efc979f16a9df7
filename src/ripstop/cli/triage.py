"""``ripstop triage [REPORT...]``: why tests failed, with evidence and a line of advice. Edits nothing."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ripstop.cli.parting import parted
from ripstop.cli.sharing import write_shared
from ripstop.cli.stdout import own_stdout
from ripstop.errors import ExperimentError, UsageError
from ripstop.model.triage import Run
from ripstop.report import triage_json, triage_terminal
from ripstop.suite import calm
from ripstop.triage.diagnosing import triage
from ripstop.triage.junit import read
from ripstop.triage.rules.flaky import AGAIN, ALONE, REVERSED

HELP = "tell why tests failed: product, test, flake or environment, with evidence"
_EPILOG = """several reports of the same tests show what does not repeat; with --run pytest runs here,
everything after -- is handed to it, and what failed runs again, alone and in reverse.
Exit codes: 0 nothing failed, 1 told, 2 usage"""
_MOST_ALONE = 20


def run(arguments: Sequence[str]) -> int:
    own, pytest_arguments = parted(arguments)
    parser = argparse.ArgumentParser(prog="ripstop triage", description=HELP, epilog=_EPILOG)
    parser.add_argument("reports", nargs="*", metavar="REPORT", help="JUnit XML of pytest, Vitest or Jest")
    parser.add_argument("--run", action="store_true", help="run pytest here instead of reading a report")
    parser.add_argument("--json", metavar="FILE", help="write it as JSON as well; - prints nothing else")
    parser.add_argument("--timeout", type=float, default=900.0, metavar="S", help="how long one run may take")
    given = parser.parse_args(own)
    if bool(given.reports) == given.run:
        raise UsageError(
            "no-report",
            "name JUnit reports, or let the tests run",
            way_out="ripstop triage junit.xml, or --run",
        )
    runs = (
        list(_runs(pytest_arguments, given.timeout))
        if given.run
        else [read(Path(one)) for one in given.reports]
    )
    found = triage(Path.cwd(), runs)
    text = json.dumps(triage_json.document(found), indent=2) + "\n"
    if given.json not in (None, "-"):
        write_shared(Path(given.json), text, "triage")
    with own_stdout() as stream:
        stream.write(
            text if given.json == "-" else "".join(f"{line}\n" for line in triage_terminal.lines(found))
        )
    return 1 if found.diagnoses else 0


def _runs(arguments: Sequence[str], timeout_s: float) -> Iterator[Run]:
    """An ordinary run; where something failed, once more, in reverse, and each of what failed alone."""
    with tempfile.TemporaryDirectory(prefix="ripstop-triage-") as kept:
        report = Path(kept) / "report.xml"
        first = _ran(arguments, report, timeout_s)
        yield first
        failed = [one.failure for one in first.outcomes.values() if one.failure]
        if not failed:
            return
        yield Run(AGAIN, _ran(arguments, report, timeout_s).outcomes)
        reverse = ["-p", "ripstop.suite.outcomes", "--ripstop-reverse"]
        yield Run(REVERSED, _ran([*arguments, *reverse], report, timeout_s).outcomes)
        alone = {}
        for failure in failed[:_MOST_ALONE]:
            if failure.during in ("call", "setup", "teardown"):
                where = _ran([*arguments, "-k", _only(failure.test)], report, timeout_s)
                alone.update({name: one for name, one in where.outcomes.items() if name == failure.test})
        yield Run(ALONE, alone)


def _only(test: str) -> str:
    """What selects a test by its names: a report does not keep node ids."""
    owner, _, name = test.rpartition("::")
    words = [*owner.split(".")[-2:], name.partition("[")[0]]
    return " and ".join(word for word in words if word.isidentifier())


def _ran(arguments: Sequence[str], report: Path, timeout_s: float) -> Run:
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", *arguments, "-q", "--maxfail=0", "-p", calm.NAME]
    command += ["-p", "no:cacheprovider", "--continue-on-collection-errors", f"--junit-xml={report}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        raise ExperimentError(
            "out-of-time", f"the tests were not done after {timeout_s:g} s", way_out="give them --timeout"
        ) from None
    if not report.is_file():
        raise UsageError(
            "no-report",
            "pytest wrote no report",
            details=(done.stdout + done.stderr).strip().splitlines()[-15:],
            way_out="make a plain `pytest` run with these arguments work first",
        )
    return read(report)
