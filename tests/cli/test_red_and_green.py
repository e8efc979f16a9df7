"""``ripstop red`` and ``ripstop green``, as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.integrity.shop import RIGHT_PRICES, Project, made

from ripstop.cli.main import main


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = made(tmp_path / "shop")
    monkeypatch.chdir(project.root)
    return project


def test_a_test_is_red_then_frozen_then_green(shop, capfd):
    assert main(["red", "tests/test_new.py"]) == 0
    assert main(["green"]) == 1
    shop.write({"shop/prices.py": RIGHT_PRICES})
    assert main(["green"]) == 0

    told = capfd.readouterr().out
    assert "red.json" not in shop.git("status", "--porcelain", "--untracked-files=all")
    assert "✓ red (assertion)  tests/test_new.py::test_items_are_added" in told
    assert "tests/test_new.py:5: assert 0 == 3" in told
    assert "✗ not-green: a frozen test does not pass" in told
    assert "accepted: 1 frozen tests pass, and 1 of the rest of the suite" in told


def test_what_is_not_red_for_the_right_reason_is_not_frozen(shop, capfd):
    assert main(["red", "tests/test_new.py", "tests/test_old.py"]) == 1

    told = capfd.readouterr().out
    assert "✗ green (already-green)  tests/test_old.py::test_nothing_costs_nothing" in told
    assert "1 of 2 red for the right reason\nnothing is frozen" in told
    assert not (shop.root / ".ripstop").exists()


def test_a_machine_is_told_as_json(shop, capfd):
    main(["red", "tests/test_new.py", "--json"])
    (red,) = json.loads(capfd.readouterr().out)["tests"]
    main(["green", "--json"])
    green = json.loads(capfd.readouterr().out)

    assert (red["right"], red["reason"], red["place"]) == (True, "assertion", "tests/test_new.py:5")
    assert green["accepted"] is False
    assert [one["rule"] for one in green["refusals"]] == ["not-green"]


def test_another_red_set_than_the_one_asked_for_is_refused(shop, capfd):
    main(["red", "tests/test_new.py"])

    assert main(["green", "--digest", "0123456789abcdef"]) == 2
    assert "another-red-set" in capfd.readouterr().err


def test_outside_a_repository_the_way_out_is_told(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)

    assert main(["red", "tests/test_new.py"]) == 2
    assert "no-repository" in capfd.readouterr().err
