"""connection_lost: both ends reset before the statement is passed on."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop import faults
from ripstop.model.fault import CutBoth


@pytest.mark.parametrize("text", ["INSERT INTO orders (id) VALUES (1)", "BEGIN", "COMMIT", "ROLLBACK"])
def test_neither_statement_nor_transaction_survives(on_request: Any, statement: Any, text: str) -> None:
    assert on_request(faults.connection_lost(), statement(text)) == (CutBoth(),)
