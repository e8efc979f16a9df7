"""Pairs and runs of nobody's, for tests of the zoo's own parts."""

from __future__ import annotations

from pathlib import Path

from benchmarks.zoo.judging import Judgement, judge
from benchmarks.zoo.pairs import Pair
from benchmarks.zoo.results import Result
from benchmarks.zoo.running import First, Run, Told

PAIR_TOML = """
title = "No time-out"
story = "It waits."
stack = "flask/psycopg"
codes = ["RS102"]
at = "POST /v1/charges"
blind = true
first_run = "found: RS102"
"""
CHARGE = "POST /v1/charges"


def write_pair(root: Path, name: str = "waits", *, toml: str = PAIR_TOML, twin: str = "x = 2\n") -> Path:
    """A pair on disk with one planted file."""
    folder = root / name
    for part in ("project", "bug", "twin"):
        (folder / part).mkdir(parents=True)
    (folder / "pair.toml").write_text(toml)
    (folder / "project" / "shared.py").write_text("shared = 1\n")
    (folder / "project" / "app.py").write_text("x = 0\n")
    (folder / "bug" / "app.py").write_text("x = 1\n")
    (folder / "twin" / "app.py").write_text(twin)
    return folder


def pair(name: str = "waits", *, codes: tuple[str, ...] = ("RS102",), at: str = CHARGE) -> Pair:
    return Pair(Path(name), "No time-out", "It waits.", "flask/psycopg", codes, at, blind=True)


def told(code: str = "RS102", operation: str = CHARGE, *faults: str, advice: bool = False) -> Told:
    return Told(code, "POST /orders", "payments", operation, faults or ("hang",), advice)


def run(*findings: Told, experiments: int = 30, firsts: tuple[First, ...] = (), problem: str = "") -> Run:
    noted = firsts or tuple(First(one, 7, 3.5) for one in findings)
    return Run(findings, noted, experiments, 9.0, 1.5, problem, ("the last line",) if problem else ())


def judged(bug: Run, twin: Run | None = None, of: Pair | None = None) -> Judgement:
    return judge(of or pair(), bug, twin or run())


def result(bug: Run, twin: Run | None = None) -> Result:
    return Result(judged(bug, twin), {})
