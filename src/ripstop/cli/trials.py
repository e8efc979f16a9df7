"""Running candidate tests in pytest processes of their own, and laying files out as the project does.

Candidates lie in a hidden folder beside their future place: conftest files there count, and no
ordinary pytest run collects them.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ripstop.backfill.proving import Case, Result, Run
from ripstop.errors import ExperimentError
from ripstop.suite import calm

_PREFIX = ".ripstop-trial-"
_START_S = 120.0
_TEST_S = 30.0
_GRACE_S = 20.0
_PAIRED = ("-p", "-o", "-c", "-W")
_WITH_VALUE = ("-k", "-m", "--deselect", "--ignore", "--maxfail", "--lf", "--ff")


@dataclass(slots=True)
class Folder:
    """The hidden folder of one backfill: made on entry, gone on exit, with what an interrupted one left."""

    beside: Path
    root: Path
    pytest_arguments: Sequence[str]
    budget_s: float
    _made: list[Path] = field(default_factory=list)
    _path: Path = field(init=False)

    def __enter__(self) -> Self:
        self._made = [p for p in (self.beside, *self.beside.parents) if not p.exists()]
        self.beside.mkdir(parents=True, exist_ok=True)
        for old in self.beside.glob(f"{_PREFIX}*"):
            shutil.rmtree(old, ignore_errors=True)
        self._path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self.beside))
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)
        for folder in self._made:
            with contextlib.suppress(OSError):
                folder.rmdir()

    def runner(self, environment: Mapping[str, str]) -> Run:
        """A callable that runs files in one pytest session, with these variables set besides."""

        def run(texts: Mapping[str, str], disarmed: bool, reverse: bool) -> Mapping[Case, Result]:
            return self._run(
                texts, environment, [*["--ripstop-disarm"] * disarmed, *["--ripstop-reverse"] * reverse]
            )

        return run

    def _run(
        self, texts: Mapping[str, str], environment: Mapping[str, str], flags: Sequence[str]
    ) -> Mapping[Case, Result]:
        place = Path(tempfile.mkdtemp(dir=self._path))
        files = []
        for stem, text in texts.items():
            files.append(place / f"{stem}.py")
            files[-1].write_text(text, encoding="utf-8")
        outcomes = place / "outcomes.jsonl"
        outcomes.touch()
        command = [sys.executable, "-m", "pytest", *map(str, files), *_harmless(self.pytest_arguments)]
        command += ["-q", "--no-header", "--maxfail=0", "--runxfail", "--continue-on-collection-errors"]
        command += ["-o", f"cache_dir={place / 'cache'}", "-p", calm.NAME]
        command += ["-p", "ripstop.suite.outcomes", f"--ripstop-outcomes={outcomes}", *flags]
        cases = sum(text.count("\ndef test_") * 8 for text in texts.values())
        said = _finished(
            command, {**os.environ, **environment}, _START_S + cases * max(_TEST_S, self.budget_s * 4)
        )
        found = _read(outcomes)
        if not found:
            raise ExperimentError(
                "proof-failed",
                "pytest could not run the candidate tests",
                details=said.strip().splitlines()[-25:],
                way_out="make a plain `pytest` run of this project work first",
            )
        return found


def formatter(folder: Path) -> Callable[[str], str]:
    """``ruff format`` as the project configures it where ruff is installed; else the text as it is."""
    ruff = (
        [sys.executable, "-m", "ruff"] if importlib.util.find_spec("ruff") else [shutil.which("ruff") or ""]
    )
    if not ruff[0]:
        return str
    command = [*ruff, "format", "--stdin-filename", str(folder / "test_workflow.py"), "-"]

    def layout(text: str) -> str:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
        return done.stdout if done.returncode == 0 and done.stdout else text

    return layout


def _harmless(arguments: Sequence[str]) -> list[str]:
    """pytest's own arguments as the user gave them, without those that choose tests."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if skip:
            skip = False
            continue
        if argument in _WITH_VALUE:
            skip = argument not in ("--lf", "--ff")
            continue
        option = argument.startswith("-") and not argument.startswith(_WITH_VALUE)
        if option or (kept and kept[-1] in _PAIRED):
            kept.append(argument)
    return kept


def _finished(command: Sequence[str], environment: Mapping[str, str], limit_s: float) -> str:
    """Run to the end; what it printed. Whatever ends this wait ends the process."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        said, _ = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        raise ExperimentError(
            "proof-failed", f"the candidate tests did not end within {limit_s:.0f} s"
        ) from None
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    return said


def _read(path: Path) -> dict[Case, Result]:
    """The last word on each case; an error in set-up or tear-down outranks how the call ended."""
    found: dict[Case, Result] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        case = (told["file"], told["test"], told["index"])
        if case not in found or told["verdict"] == "error":
            found[case] = Result(told["verdict"], told["said"])
    return found
