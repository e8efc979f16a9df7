"""Differences between two runs, found value by value."""

from __future__ import annotations

from ripstop.explore import volatile
from ripstop.model.state import Change, Effect


def test_pointers_name_the_smallest_place_that_differs() -> None:
    left = {"order": {"id": 1, "lines": [{"sku": "a"}, {"sku": "b"}]}, "ok": True}
    right = {"order": {"id": 2, "lines": [{"sku": "a"}, {"sku": "c"}]}, "ok": True}

    assert list(volatile.pointers(left, right)) == ["/order/id", "/order/lines/1/sku"]


def test_a_field_that_only_one_run_has_differs_even_where_it_is_null() -> None:
    assert list(volatile.pointers({"a": None}, {})) == ["/a"]


def test_lists_of_different_length_differ_as_a_whole() -> None:
    assert list(volatile.pointers({"a": [1]}, {"a": [1, 2]})) == ["/a"]


def test_slashes_and_tildes_in_names_are_escaped() -> None:
    assert list(volatile.pointers({"a/b~c": 1}, {"a/b~c": 2})) == ["/a~1b~0c"]


def test_columns_are_compared_between_changes_of_the_same_kind_and_table() -> None:
    one = Change("update", "stock", {"n": "5", "id": "1"}, {"n": "4", "id": "1"})
    other = Change("update", "stock", {"n": "5", "id": "2"}, {"n": "3", "id": "2"})

    assert volatile.columns([one], [other]) == {("stock", "id"), ("stock", "n")}
    assert volatile.columns([one], [Change("insert", "stock", None, {"id": "9"})]) == frozenset()


def test_an_effect_s_key_counts_as_one_of_its_fields() -> None:
    one, other = (
        Effect("p", "charge", "k1", {"id": 1, "n": 3}),
        Effect("p", "charge", "k2", {"id": 2, "n": 3}),
    )

    assert volatile.effect_fields([one], [other]) == {("charge", "id"), ("charge", "key")}
