"""What each phase may write, by names alone: no agent is run here."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ripstop.agents.phases import GREEN, RED, Ground, is_frozen
from ripstop.integrity.green import before_running
from ripstop.integrity.paths import running

RUN_BY_NAME = [
    "sitecustomize.py",
    "src/sitecustomize/__init__.py",
    "src/sitecustomize/more/deep.py",
    "usercustomize/__init__.py",
    "shop/usercustomize.cpython-311-x86_64-linux-gnu.so",
    "sitecustomize.pyd",
    "SiteCustomize.py",
    "shop/prices.cpython-311-x86_64-linux-gnu.so",
    "shop/X.PTH",
    "tests/Conftest.py",
    "PyTest.INI",
    "Quiet.EGG-INFO/entry_points.txt",
    ".GitHub/workflows/ci.yml",
]
HONEST = ["shop/customize.py", "shop/site/__init__.py", "shop/contest.py", "shop/sources.py", "shop/so/x.py"]


@pytest.mark.parametrize("path", RUN_BY_NAME)
def test_what_is_run_by_its_name_is_frozen_in_every_form_and_case(path):
    assert is_frozen(path)


@pytest.mark.parametrize("path", HONEST)
def test_what_only_sounds_like_it_is_not(path):
    assert not is_frozen(path)


@pytest.mark.parametrize("path", RUN_BY_NAME[:11])
def test_what_is_run_by_its_name_is_part_of_what_is_frozen_red(tmp_path, path):
    place = tmp_path / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("x = 1\n")

    assert list(running(tmp_path, [path])) == [path]
    assert running(tmp_path, []) == {}


@pytest.mark.parametrize("path", RUN_BY_NAME[:9])
def test_what_is_run_by_its_name_is_told_as_planted(tmp_path, path):
    place = tmp_path / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("x = 1\n")
    known = ("shop", "src", "tests", "sitecustomize", "usercustomize", "SiteCustomize")
    frozen = SimpleNamespace(files={}, running={}, top_level=known)

    assert {(one.rule, one.place) for one in before_running(frozen, tmp_path, [path])} == {("planted", path)}


# A layout, what a red phase may write there, what a green one may, and what neither may.
LAYOUTS = {
    "tests beside code": (
        ["shop/__init__.py", "shop/prices.py", "shop/test_prices.py"],
        ["shop/test_new.py", "shop/test_prices.py"],
        ["shop/new.py", "shop/prices.py"],
        ["docs/x.md", "pyproject.toml"],
    ),
    "tests beside code under src": (
        ["src/shop/prices.py", "src/shop/test_prices.py"],
        ["src/shop/test_new.py"],
        ["src/shop/new.py", "src/other.py"],
        ["x.py"],
    ),
    "modules at the top": (
        ["prices.py", "tests/test_prices.py"],
        ["tests/test_new.py", "tests/helper.py"],
        ["prices.py", "taxes.py"],
        ["conftest.py", "tests/conftest.py"],
    ),
    "everything at the top": (
        ["prices.py", "test_prices.py"],
        ["test_new.py"],
        ["prices.py", "taxes.py"],
        ["setup.cfg"],
    ),
    "tests at the top, code in a folder": (
        ["shop/prices.py", "test_prices.py"],
        ["test_new.py"],
        ["shop/new.py"],
        ["notes.txt", "other.py"],
    ),
    "tests in a folder in each package": (
        ["shop/prices.py", "shop/tests/test_prices.py"],
        ["shop/tests/test_new.py", "shop/tests/data.json"],
        ["shop/new.py"],
        ["shop/tests/conftest.py"],
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_tests_and_code_are_known_in_every_layout(layout):
    names, tests, sources, neither = LAYOUTS[layout]
    ground = Ground.of(names)

    assert [one for one in (*tests, *sources, *neither) if ground.allows(RED, one)] == tests
    assert [one for one in (*tests, *sources, *neither) if ground.allows(GREEN, one)] == sources
