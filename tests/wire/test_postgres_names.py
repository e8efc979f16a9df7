from __future__ import annotations

from ripstop.wire.postgres.names import NAMES_LIMIT, TEXTS_LENGTH, Names


def test_a_name_is_known_until_it_is_dropped() -> None:
    names = Names()
    names.put(b"a", "SELECT 1")
    assert (names.get(b"a"), b"a" in names) == ("SELECT 1", True)
    names.drop(b"a")
    assert (names.get(b"a"), b"a" in names) == ("", False)


def test_the_oldest_of_too_many_names_goes_first() -> None:
    names = Names()
    for number in range(NAMES_LIMIT + 1):
        names.put(b"%d" % number, "")

    assert (b"0" in names, b"1" in names) == (False, True)


def test_texts_are_bounded_in_their_total_length() -> None:
    names, text = Names(), "x" * (TEXTS_LENGTH // 2)
    for name in (b"a", b"b", b"b", b"c"):
        names.put(name, text)
    assert [name for name in (b"a", b"b", b"c") if name in names] == [b"b", b"c"]
    names.put(b"d", text * 3)

    assert [name for name in (b"b", b"c", b"d") if name in names] == [b"d"]
