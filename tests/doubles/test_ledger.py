"""Tests for the ledger of effects and its bounds."""

from __future__ import annotations

from ripstop.doubles import Ledger


def test_effects_are_kept_in_order_and_asked_for_by_kind() -> None:
    ledger = Ledger("payments")
    ledger.record("charge", key="a")
    ledger.record("refund")
    assert [effect.kind for effect in ledger.effects()] == ["charge", "refund"]
    assert [effect.key for effect in ledger.effects("charge")] == ["a"]


def test_an_effects_data_is_bounded_in_fields_and_in_length() -> None:
    ledger = Ledger("mail")
    many = {f"field{number}": "x" * 1_000 for number in range(100)}
    data = ledger.record("mail", data={"nested": {"deep": "y" * 1_000}, **many}).data
    assert len(data) == 40
    assert all(len(str(value)) <= 201 for value in data.values())


def test_short_nested_values_and_numbers_stay_what_they_are() -> None:
    data = {"lines": [{"sku": "a", "n": 2}], "total": 3.5, "paid": True, "note": None}
    assert Ledger("shop").record("order", data=data).data == data


def test_a_ledger_says_what_it_holds() -> None:
    ledger = Ledger("payments")
    assert repr(ledger) == "<ledger of payments: no effects>"
    ledger.record("charge")
    assert (repr(ledger), len(ledger)) == ("<ledger of payments: charge>", 1)
