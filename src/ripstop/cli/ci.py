"""``ripstop ci github``: write the jobs that keep a suite honest, pinned and ready to commit."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ripstop.cli.sharing import write_shared
from ripstop.cli.stdout import own_stdout
from ripstop.scaffold import github
from ripstop.scaffold.project import Project

HELP = "write the CI jobs: smoke, the whole suite, guard, triage when red, explore at night"
_EPILOG = "exit codes: 0 written or as they were, 1 a file of yours is in the way, 2 usage"


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="ripstop ci", description=HELP, epilog=_EPILOG)
    parser.add_argument("host", choices=["github"], help="where the jobs run")
    parser.add_argument(
        "--database",
        choices=[github.EMBEDDED, github.SERVICE],
        default=github.EMBEDDED,
        help="a PostgreSQL container for tests that bring none (default: embedded)",
    )
    parser.add_argument("--dry-run", action="store_true", help="print the files instead of writing them")
    parser.add_argument("--force", action="store_true", help="write over files that were edited")
    given = parser.parse_args(list(arguments))
    root = Path.cwd()
    need = github.needs(Project.read(root), given.database)
    files = {github.TESTS: github.tests(need), github.NIGHTLY: github.nightly(need)}
    in_the_way = False
    with own_stdout() as stream:
        for name, text in files.items():
            if given.dry_run:
                stream.write(f"# {name}\n{text}\n")
                continue
            state = _write(root / name, text, force=given.force)
            in_the_way |= state == "left"
            said = "left as it is: it was edited, --force writes over it" if state == "left" else state
            stream.write(f"{name}: {said}\n")
    return 1 if in_the_way else 0


def _write(path: Path, text: str, *, force: bool) -> str:
    """``written``, ``as it was`` or ``left``."""
    if path.is_file():
        if path.read_text(encoding="utf-8", errors="replace") == text:
            return "as it was"
        if not force:
            return "left"
    write_shared(path, text, "workflow")
    return "written"
