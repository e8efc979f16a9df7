"""pool_exhausted: the server takes no more sessions."""

from __future__ import annotations

from typing import Any

from ripstop import faults
from ripstop.model.fault import CutIdle, Fatal, Forward
from ripstop.model.trace import Crossing


def test_a_new_session_is_refused_at_start_up(built: Any, connect: Crossing) -> None:
    fault = built(faults.pool_exhausted(), connect)

    assert fault.at_step() == (CutIdle(),)
    assert fault.on_request(connect) == (Fatal("53300", "sorry, too many clients already"),)


def test_a_statement_of_a_session_that_stands_is_passed_on(
    built: Any, connect: Crossing, statement: Any
) -> None:
    assert built(faults.pool_exhausted(), connect).on_request(statement("SELECT 1")) == (Forward(),)
