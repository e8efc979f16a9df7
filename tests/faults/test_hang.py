"""hang: the other side takes it and never answers."""

from __future__ import annotations

from typing import Any

from ripstop import faults
from ripstop.model.fault import Hold, SendBackend
from ripstop.model.trace import Crossing


def test_a_call_is_held(on_request: Any, call: Crossing) -> None:
    assert on_request(faults.hang(), call) == (Hold(),)


def test_the_real_backend_waits_in_a_statements_place(on_request: Any, statement: Any) -> None:
    (command,) = on_request(faults.hang(), statement("SELECT * FROM stock"))

    assert isinstance(command, SendBackend)
    assert (command.sql, command.after_error) == ("SELECT pg_sleep(3600)", "")


def test_a_guard_that_strikes_at_commit_leaves_the_session_idle(on_request: Any, statement: Any) -> None:
    (command,) = on_request(faults.hang(), statement("COMMIT", in_transaction=True))

    assert command.after_error == "ROLLBACK"
