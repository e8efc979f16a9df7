"""Replacements of what a test is about."""

from __future__ import annotations

import pytest

from ..differences import PATH, short, told

SHOP = """
import requests
LIMIT = 3
def price(sku):
    return lookup(sku)
def lookup(sku):
    return 4
class Cart:
    def total(self):
        return 9
"""
TEST = """
from unittest import mock
from shop import prices
def test_a(monkeypatch):
    {}
    assert prices.price('cup') == 8
"""


def difference(line: str) -> list[tuple[str, str]]:
    old, new = ({"shop/prices.py": SHOP, PATH: TEST.format(one)} for one in ("x = 1", line))
    return short(told(old, new))


@pytest.mark.parametrize(
    ("line", "sure"),
    [
        ("monkeypatch.setattr(prices, 'price', lambda sku: 8)", "sure"),
        ("monkeypatch.setattr('shop.prices.lookup', lambda sku: 8)", "likely"),
        ("mock.patch('shop.prices.Cart.total').start()", "likely"),
    ],
)
def test_one_of_its_own_module_is_told(line: str, sure: str) -> None:
    assert difference(line) == [("subject-patched", sure)]


@pytest.mark.parametrize(
    "line",
    [
        "monkeypatch.setattr(prices.requests, 'get', print)",
        "monkeypatch.setattr(prices, 'LIMIT', 8)",
        "monkeypatch.setattr('time.time', lambda: 0)",
        "mock.patch('shop.prices.Cart.socket').start()",
    ],
)
def test_one_of_its_surroundings_is_not(line: str) -> None:
    assert difference(line) == []
