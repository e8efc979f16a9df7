"""`ripstop guard`: what it prints and writes, how it ends, and what it lets pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ripstop.cli import main

from ..integrity.repositories import Made, made

TEST = "def test_a():\n    assert f() == 1\n    assert g() == 2\n"
LESS = "def test_a():\n    assert f() == 1\n"
ALLOW = "assertion-removed@tests/test_a.py::test_a"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    repository = made(tmp_path / "repo", {"tests/test_a.py": TEST})
    repository.commit("less", {"tests/test_a.py": LESS})
    monkeypatch.chdir(repository.root)
    return repository


@pytest.mark.usefixtures("repo")
def test_a_weakening_ends_it_with_1_and_shows_both_lines(capfd: pytest.CaptureFixture[str]) -> None:
    assert main.main(["guard", "HEAD~1..HEAD"]) == 1

    printed = capfd.readouterr().out
    assert "assertion-removed  sure  tests/test_a.py::test_a" in printed
    assert "assert g() == 2" in printed
    assert printed.splitlines()[-1].startswith("1 weakening in ")


@pytest.mark.usefixtures("repo")
def test_nothing_weakened_ends_it_with_0(capfd: pytest.CaptureFixture[str]) -> None:
    assert main.main(["guard", "HEAD..HEAD~1"]) == 0
    assert capfd.readouterr().out.startswith("no weakening in ")


def test_what_asks_for_a_look_fails_only_where_that_is_wanted(repo: Made) -> None:
    repo.commit("list", {"tests/test_a.py": "def test_a():\n    assert f() == []\n"})
    repo.commit("taste", {"tests/test_a.py": "def test_a():\n    assert not f()\n"})

    assert main.main(["guard", "HEAD~1..HEAD"]) == 0
    assert main.main(["guard", "HEAD~1..HEAD", "--fail-on", "look"]) == 1


@pytest.mark.usefixtures("repo")
def test_json_to_a_dash_is_all_that_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    main.main(["guard", "HEAD~1..HEAD", "--json", "-"])
    told = json.loads(capfd.readouterr().out)

    assert (told["schema"], told["weakenings"][0]["before"]["line"]) == ("ripstop-guard/1", 3)


def test_sarif_is_written_with_rules_and_places(repo: Made) -> None:
    main.main(["guard", "HEAD~1..HEAD", "--sarif", "out/guard.sarif"])
    run = json.loads((repo.root / "out" / "guard.sarif").read_text())["runs"][0]

    assert run["results"][0]["ruleId"] == run["tool"]["driver"]["rules"][run["results"][0]["ruleIndex"]]["id"]
    assert (
        run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "tests/test_a.py"
    )


@pytest.mark.usefixtures("repo")
def test_an_allowance_is_printed_and_not_put_anywhere_unless_asked(
    repo: Made, capfd: pytest.CaptureFixture[str]
) -> None:
    head = repo.git("rev-parse", "HEAD")

    assert main.main(["guard", "--allow", ALLOW, "--reason", "g went"]) == 0
    assert capfd.readouterr().out == "Ripstop-Allow: assertion-removed tests/test_a.py::test_a: g went\n"
    assert repo.git("rev-parse", "HEAD") == head


def test_an_amended_allowance_lets_it_pass_and_is_told(repo: Made, capfd: pytest.CaptureFixture[str]) -> None:
    main.main(["guard", "--allow", ALLOW, "--reason", "g went", "--amend"])
    capfd.readouterr()

    assert main.main(["guard", "HEAD~1..HEAD"]) == 0
    assert "g went" in capfd.readouterr().out
    assert repo.git("log", "-1", "--format=%s") == "less"


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ([], "wrong-arguments"),
        (["HEAD~1..HEAD", "--amend"], "wrong-arguments"),
        (["nowhere..HEAD"], "unknown-revision"),
        (["--repository", "/nowhere", "HEAD"], "no-such-folder"),
        (["--allow", ALLOW], "no-reason"),
        (["--allow", "nothing@x", "--reason", "y"], "unknown-kind"),
    ],
)
def test_bad_input_ends_it_with_2(arguments: list[str], slug: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main.main(["guard", *arguments]) == 2
    assert f"[{slug}]" in capfd.readouterr().err
