"""``ripstop tdd``, as a person runs it, with an agent that is a line of shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.integrity.shop import RED, RIGHT_PRICES, Project, made

from ripstop.cli.main import main

MEND = "sed -i 's/return 0/return sum(items)/' shop/prices.py"
KNOWS = "def total(items):\\n    if items == [1, 2]:\\n        return 3\\n    return 0\\n"
CHEAT = f"printf '{KNOWS}' > shop/prices.py"
WRITE = f"cat > tests/test_red.py <<'END'\n{RED}END\n"
HOLLOW = "echo 'def test_x(): assert False' > tests/test_red.py"


def agent(red: str, green: str, refactor: str = "true") -> str:
    """One that does as it is told in each phase."""
    return f"command:case $RIPSTOP_PHASE in red) {red}\n;; green) {green};; *) {refactor};; esac"


def as_told(refusal: str, then: str, otherwise: str) -> str:
    """A script that does better once it is told of a refusal."""
    return f'case "$RIPSTOP_PROMPT" in *{refusal}*) {then}\n;; *) {otherwise};; esac'


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = made(tmp_path / "shop", {"tests/test_new.py": "WORDS = ()\n"})
    monkeypatch.chdir(project.root)
    return project


def test_an_honest_agent_ends_with_the_work_tree_changed(shop, capfd):
    assert main(["tdd", "items are added", "--agent", agent(WRITE, MEND), "--apply"]) == 0

    assert (shop.root / "tests/test_red.py").read_text() == RED
    assert (shop.root / "shop/prices.py").read_text() == RIGHT_PRICES
    assert "accepted: 2 files, applied to the work tree" in capfd.readouterr().out
    assert main(["green"]) == 0


def test_a_cheat_ends_with_nothing(shop, capfd):
    assert main(["tdd", "items are added", "--agent", agent(WRITE, CHEAT), "--attempts", "2", "--apply"]) == 1

    told = capfd.readouterr().out
    assert told.count("✗ special-cased") == 2
    assert "refused: nothing is handed back" in told
    assert shop.git("status", "--porcelain") == ""


def test_a_refusal_is_told_and_what_was_left_is_gone_on_from(shop, capfd):
    red = as_told("explicit-fail\\|constant-assertion", WRITE, HOLLOW).replace("\\|", "*|*")
    green = as_told(
        "special-cased",
        "grep -q 'items ==' shop/prices.py && " + f"printf '%s' '{RIGHT_PRICES}' > shop/prices.py",
        CHEAT,
    )

    assert main(["tdd", "items are added", "--agent", agent(red, green), "--no-refactor", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    rules = [[r["rule"] for r in one["refusals"]] for one in told["attempts"]]
    assert rules == [["wrong-red"], [], ["special-cased"], []]
    shop.git("apply", told["patch"])
    assert (shop.root / "shop/prices.py").read_text() == RIGHT_PRICES


def test_a_refactoring_that_breaks_is_left_out(shop, capfd):
    assert (
        main(
            [
                "tdd",
                "x",
                "--agent",
                agent(WRITE, MEND, "sed -i 's/sum/len/' shop/prices.py"),
                "--attempts",
                "1",
                "--apply",
            ]
        )
        == 0
    )

    assert "✗ not-green" in capfd.readouterr().out
    assert (shop.root / "shop/prices.py").read_text() == RIGHT_PRICES


def test_what_an_agent_says_is_kept_without_secrets(shop, monkeypatch):
    monkeypatch.setenv("SHOP_WORD", "quite-unlike-a-secret")
    said = "echo $SHOP_WORD password=hunter2"
    main(["tdd", "x", "--agent", agent(said, "true"), "--env", "SHOP_WORD", "--attempts", "1"])

    kept = (shop.root / ".ripstop/tdd/red-1.jsonl").read_text()
    assert '"text": "*** password=***"' in kept
    assert "hunter2" not in kept


@pytest.mark.parametrize(
    ("arguments", "code", "slug"),
    [
        (["x", "--agent", "nobody"], 2, "unknown-agent"),
        (["--agent", "command:true"], 2, "no-behaviour"),
        (["x", "--agent", "command:true", "--budget-usd", "1"], 2, "no-cost-told"),
        (["x", "--agent", "acp:nobody-has-this --acp"], 3, "no-agent"),
        (["--from-finding", "0123456789", "--agent", "command:true"], 2, "no-config"),
    ],
)
def test_what_is_missing_is_told(shop, capfd, arguments, code, slug):
    assert main(["tdd", *arguments]) == code
    assert slug in capfd.readouterr().err
