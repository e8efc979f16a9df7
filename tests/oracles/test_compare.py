"""Rows, effects and answers with what varies left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.model.state import Change, Effect
from ripstop.oracles.compare import ANY, EffectFact, alike, effects, rows, same_answer

from .records import answer, baseline, charge, delete, insert, refund, update

BASE = baseline()
ROW = insert(status="new")


def test_a_row_inserted_and_changed_twice_is_one_insert_of_its_last_image() -> None:
    once = update(ROW, status="open")
    twice = update(once, status="paid")

    assert rows([ROW, once, twice], BASE) == rows([insert(status="paid")], BASE)


def test_a_row_inserted_and_deleted_leaves_nothing() -> None:
    assert not rows([ROW, update(ROW, status="open"), delete(update(ROW, status="open"))], BASE)


def test_a_row_deleted_and_put_back_leaves_nothing() -> None:
    assert not rows([delete(ROW), ROW], BASE)


def test_an_updated_row_that_is_deleted_is_a_delete_of_its_first_image() -> None:
    changed = update(ROW, status="open")

    assert rows([changed, delete(changed)], BASE) == rows([delete(ROW)], BASE)


def test_net_changes_keep_their_kind() -> None:
    changed = update(ROW, status="open")
    histories = {"insert": [ROW, changed], "update": [changed], "delete": [changed, delete(changed)]}

    assert all(next(iter(rows(history, BASE))).kind == kind for kind, history in histories.items())


def test_an_update_back_to_the_first_image_leaves_nothing() -> None:
    changed = update(ROW, status="open")

    assert not rows([changed, update(changed, status="new")], BASE)


def test_a_row_that_leaves_one_database_does_not_make_up_for_the_same_in_another() -> None:
    moved = rows([replace(ROW, seam="west"), replace(delete(ROW), seam="east")], BASE)

    assert {(row.kind, row.table) for row in moved} == {("insert", "west.orders"), ("delete", "east.orders")}


def test_equal_rows_are_counted() -> None:
    assert rows([ROW, ROW, delete(ROW)], BASE).total() == 1


def test_a_volatile_value_is_any_and_null_stays_null() -> None:
    (fresh,), (null,) = rows([insert(id="77")], BASE), rows([insert(id=None)], BASE)

    assert dict(fresh.new)["id"] == ANY
    assert dict(null.new)["id"] is None


def test_an_update_without_an_old_image_stands_alone() -> None:
    loose = Change("update", "orders", None, {"id": "1", "status": "paid"})

    assert rows([ROW, loose], BASE).total() == 2


def test_a_truncate_counts_though_it_has_no_images() -> None:
    assert rows([Change("truncate", "orders")], BASE).total() == 1


def test_journal_tables_are_left_out_unless_asked_for() -> None:
    usual = baseline(journal=frozenset({"orders"}))

    assert (rows([ROW], usual).total(), rows([ROW], usual, journal=True).total()) == (0, 1)


def test_a_refund_cancels_one_charge_and_itself() -> None:
    assert effects([charge(), charge("k2"), refund()], BASE) == effects([charge()], BASE)


def test_a_refund_cancels_the_charge_it_names() -> None:
    first, second = charge(id="ch_1", amount=1), charge(id="ch_2", amount=2)

    assert effects([first, second, refund(original="ch_1")], BASE) == effects([second], BASE)


def test_a_refund_cancels_nothing_at_another_seam() -> None:
    other = Effect("bank", "charge", None, {"amount": 4200})

    assert effects([other, refund()], BASE).total() == 2


def test_an_effect_is_like_itself_with_other_numbers_and_unlike_other_words() -> None:
    def fact(**data: object) -> EffectFact:
        return next(iter(effects([Effect("mail", "mail", None, data)], BASE)))

    assert alike(fact(to="a", n=1, none=None), fact(to="a", n=2, none=None))
    assert not alike(fact(to="a"), fact(to="b"))
    assert not alike(fact(to="a", at=None), fact(to="a", at="x"))


def test_a_refund_with_nothing_to_undo_stands() -> None:
    assert effects([refund()], BASE).total() == 1


def test_the_idempotency_key_of_an_effect_is_not_compared() -> None:
    assert effects([charge("a")], BASE) == effects([charge("b")], BASE)


def test_volatile_effect_data_is_not_compared() -> None:
    usual = baseline(volatile_data=frozenset({("charge", "at")}))

    assert effects([charge(at=1)], usual) == effects([charge(at=2)], usual)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (answer(201, {"id": 1, "a": [1]}), answer(201, {"id": 2, "a": [1]}), True),
        (answer(201, {"id": 1}), answer(201, {"id": None}), False),
        (answer(201, {"id": 1, "a": 1}), answer(201, {"id": 1, "a": 2}), False),
        (answer(201, {"id": 1}), answer(200, {"id": 1}), False),
        (answer(200, "tea"), answer(200, "tea"), True),
        (answer(200, "tea"), answer(200, "milk"), False),
        (answer(200, {"id": 1}), answer(200, "tea"), False),
        (answer(200, [{"id": 1}, 2]), answer(200, [{"id": 1}, 2]), True),
    ],
)
def test_answers_are_compared_but_for_volatile_pointers(one: object, other: object, same: bool) -> None:
    assert same_answer(one, other, frozenset({"/id"})) is same  # type: ignore[arg-type]
