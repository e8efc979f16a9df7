"""A person's edits and deletions outlive every run; what they left alone follows the service."""

from __future__ import annotations

from ripstop.backfill import merging, module
from ripstop.backfill.merging import Fresh


def fresh(name: str, value: int = 1) -> Fresh:
    return Fresh(name, "pin", f"key of {name}", f"def {name}(service, seams):\n    assert {value} == ORDER")


def file(*tests: Fresh, old: str = "", carried: tuple[str, ...] = ()) -> str:
    before = module.read(old) if old else None
    state = merging.standing(before)
    wanted = merging.wanted(tests, state)
    return module.write(merging.merged(before, state, wanted, carried, {"ORDER": "ORDER = 1"}, '"""Head."""'))


def test_a_second_run_that_finds_the_same_changes_nothing() -> None:
    first = file(fresh("test_a"), fresh("test_b"))

    assert file(fresh("test_a"), fresh("test_b"), old=first) == first


def test_an_unedited_test_is_updated() -> None:
    again = file(fresh("test_a", 2), old=file(fresh("test_a", 1)))

    assert "assert 2 == ORDER" in again
    assert "assert 1 == ORDER" not in again


def test_an_edited_test_stays_as_the_person_left_it_run_after_run() -> None:
    edited = file(fresh("test_a")).replace("assert 1 == ORDER", "assert 7 == ORDER  # mine")
    once = file(fresh("test_a", 2), old=edited)

    assert "assert 7 == ORDER  # mine" in once
    assert "assert 2 == ORDER" not in once
    assert file(fresh("test_a", 3), old=once) == once


def test_a_deleted_test_does_not_come_back_under_its_name_or_another() -> None:
    first = file(fresh("test_a"), fresh("test_b"))
    where = first.index("def test_b")
    deleted = first[:where] + first[first.index("# ripstop:") :]
    renamed = Fresh("test_b_renamed", "pin", fresh("test_b").key, "def test_b_renamed():\n    assert ORDER")

    assert "def test_b" not in file(fresh("test_a"), fresh("test_b"), renamed, old=deleted)


def test_what_a_person_wrote_is_kept_and_a_name_they_took_is_not_taken_again() -> None:
    mine = "import mine\n\n\ndef test_a():\n    assert mine\n\n\ndef helper():\n    return 1\n"
    text = file(fresh("test_a"), fresh("test_b"), old=mine)

    assert text.count("def test_a") == 1
    assert "assert mine" in text
    assert "def helper" in text
    assert "def test_b" in text


def test_an_edited_constant_stays() -> None:
    edited = file(fresh("test_a")).replace("ORDER = 1", "ORDER = 99")
    again = file(fresh("test_a"), old=edited)

    assert "ORDER = 99" in again
    assert "ORDER = 1\n" not in again


def test_an_unedited_test_that_is_not_carried_on_is_removed() -> None:
    first = file(fresh("test_a"), fresh("test_b"))

    assert "test_b" not in file(fresh("test_a"), old=first)
    assert "def test_b" in file(fresh("test_a"), old=first, carried=("test_b",))
