"""A fresh Stripe account for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .account import Account, opened


@pytest.fixture
def account() -> Iterator[Account]:
    with opened() as made:
        yield made
