"""stall: a dead network; the server never hears of the statement."""

from __future__ import annotations

from typing import Any

from ripstop import faults
from ripstop.model.fault import Hold


def test_the_statement_is_kept_from_the_server(on_request: Any, statement: Any) -> None:
    assert on_request(faults.stall(), statement("SELECT * FROM stock")) == (Hold(),)
