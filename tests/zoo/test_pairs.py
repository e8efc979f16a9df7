"""Reading a pair: what it says, and clear words where it says it wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.zoo.pairs import PairError, chosen, read

from .made_up import PAIR_TOML, write_pair


def test_a_pair_is_read_with_all_it_says(tmp_path: Path) -> None:
    one = read(write_pair(tmp_path))

    assert (one.name, one.codes, one.at, one.blind) == ("waits", ("RS102",), "POST /v1/charges", True)
    assert one.first_run == "found: RS102"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (PAIR_TOML.replace('title = "No time-out"', ""), "title must be a text"),
        (PAIR_TOML.replace('["RS102"]', '"RS102"'), "codes must be a list"),
        (PAIR_TOML.replace("true", '"yes"'), "blind must be true or false"),
        (PAIR_TOML + "speed = 3\n", "'speed' is no key"),
        (PAIR_TOML.replace('at = "POST /v1/charges"', "at = 3"), "at must be a text"),
        ("title = ", "pair.toml"),
    ],
)
def test_what_is_wrong_with_a_pair_is_said_with_its_name(tmp_path: Path, wrong: str, words: str) -> None:
    with pytest.raises(PairError, match=words) as said:
        read(write_pair(tmp_path, toml=wrong))

    assert "waits" in str(said.value)


def test_a_pair_without_its_twin_is_refused(tmp_path: Path) -> None:
    folder = write_pair(tmp_path)
    (folder / "twin" / "app.py").unlink()
    (folder / "twin").rmdir()

    with pytest.raises(PairError, match="waits: no folder twin"):
        read(folder)


def test_pairs_are_chosen_by_name_and_an_unknown_one_is_told_with_those_there_are(tmp_path: Path) -> None:
    for name in ("waits", "doubles"):
        write_pair(tmp_path, name)

    assert [one.name for one in chosen(folder=tmp_path)] == ["doubles", "waits"]
    assert [one.name for one in chosen(["waits"], tmp_path)] == ["waits"]
    with pytest.raises(PairError, match="no pair wait; there are: doubles, waits"):
        chosen(["wait"], tmp_path)


@pytest.mark.parametrize(("twin", "lines"), [("x = 1\n", 0), ("x = 2\n", 1), ("x = 1\ny = 2\nz = 3\n", 2)])
def test_the_lines_of_a_mend_are_counted(tmp_path: Path, twin: str, lines: int) -> None:
    assert read(write_pair(tmp_path, twin=twin)).changed_lines() == lines
