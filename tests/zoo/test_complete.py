"""The zoo as a whole: every pair is in order, and together they cover what Ripstop promises to find."""

from __future__ import annotations

import re

import pytest
from benchmarks.zoo import readme
from benchmarks.zoo.pairs import FOLDER, Pair, chosen

from ripstop.oracles.registry import RULES

PAIRS = chosen()
FINDABLE = {rule.code for rule in RULES if not rule.code.startswith("RS9")}
FRAMEWORKS = {"fastapi-async", "fastapi-sync", "flask", "django", "express"}
DRIVERS = {"psycopg", "asyncpg", "sqlalchemy", "django-orm", "drizzle"}
MEND_LINES = 30
FEWEST = 24


def parts(pair: Pair) -> set[str]:
    """The names in a stack: frameworks and drivers."""
    return set(re.split(r"[/+]", pair.stack))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_pair_names_rules_that_there_are_and_what_its_first_run_came_to(pair: Pair) -> None:
    assert set(pair.codes) <= FINDABLE
    assert readme.outcome(pair) != "not told"


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_twin_differs_from_its_bug_by_its_mend_alone(pair: Pair) -> None:
    assert set(pair.planted("bug")) == set(pair.planted("twin"))
    assert 0 < pair.changed_lines() <= MEND_LINES


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_pair_has_one_workflow_and_perhaps_its_rival(pair: Pair) -> None:
    tests = "".join(path.read_text() for path in (pair.folder / "project" / "tests").rglob("test_*.py"))

    assert tests.count("@pytest.mark.workflow(") == (2 if "races_with=" in tests else 1)


def test_every_folder_of_the_zoo_is_a_pair() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert folders == {pair.name for pair in PAIRS}


def test_every_code_that_can_be_found_is_planted_somewhere() -> None:
    assert {code for pair in PAIRS for code in pair.codes} == FINDABLE


def test_there_are_enough_pairs_and_half_of_them_were_blind() -> None:
    assert len(PAIRS) >= FEWEST
    assert 2 * sum(pair.blind for pair in PAIRS) >= len(PAIRS)


def test_every_framework_and_driver_occurs() -> None:
    there = set().union(*map(parts, PAIRS))

    assert there >= FRAMEWORKS | DRIVERS


def test_the_readme_tells_the_first_runs_as_the_pairs_do() -> None:
    text = readme.README.read_text()

    assert text == readme.replaced(text, "first runs", readme.first_runs(PAIRS))
