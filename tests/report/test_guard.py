"""The guard's reports: hostile text stays text, and every reader gets all of it."""

from __future__ import annotations

from ripstop.model.weakening import Allowance, Allowed, Guarded, Kind, Spot, Sure, Weakening
from ripstop.report import guard_json, guard_sarif, guard_terminal
from ripstop.report.matrix import Layout
from ripstop.report.paint import ASCII, Paint

EVIL = "tests/t\x1b[2Jé.py"
ONE = Weakening(
    "skip-added", f"{EVIL}::test_a", Spot(EVIL, 3, "def \x07a"), Spot(EVIL, 0), Sure.SURE, "it is skipped", 4
)
LOOK = Weakening(
    "test-deleted",
    "tests/b.py::test_b",
    Spot("tests/b.py", 1, "def"),
    Spot("tests/b.py", 0),
    Sure.LOOK,
    "gone",
)
TOLD = Guarded(
    "a" * 40,
    "",
    (ONE,),
    (LOOK,),
    (Allowed(LOOK, Allowance("test-deleted", "tests/b.py", "moved", "c" * 40)),),
    ("a note",),
    files=2,
    tests=7,
    kinds=(Kind("skip-added", "skip", "page"),),
)


def text() -> str:
    return "\n".join(guard_terminal.lines(TOLD, Layout(100, Paint(False), ASCII)))


def test_nothing_of_a_file_moves_the_cursor() -> None:
    assert "\x1b" not in text()
    assert "\\e[2J" in text()


def test_the_last_line_sums_up() -> None:
    assert text().splitlines()[-1] == (
        "1 weakening, 1 to look at, 1 allowed in aaaaaaaaaaaa..working tree: "
        "7 tests in 2 changed files held side by side"
    )


def test_a_shared_line_says_for_how_many_tests() -> None:
    assert "(and 3 other tests)" in text()


def test_allowed_ones_are_told_with_their_reason() -> None:
    assert "moved (cccccccccccc)" in text()


def test_json_holds_everything() -> None:
    told = guard_json.as_json(TOLD)

    assert (told["weakenings"][0]["tests"], told["looks"][0]["sure"], told["allowed"][0]["by"]["reason"]) == (
        4,
        "look",
        "moved",
    )


def test_sarif_levels_follow_how_sure_and_places_are_uris() -> None:
    results = guard_sarif.as_sarif(TOLD, "1")["runs"][0]["results"]

    assert [one["level"] for one in results] == ["error", "note", "note"]
    assert results[0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "tests/t%1B%5B2J%C3%A9.py"}
    }
    assert "region" in results[0]["relatedLocations"][0]["physicalLocation"]
    assert results[2]["suppressions"][0]["justification"] == "moved"
