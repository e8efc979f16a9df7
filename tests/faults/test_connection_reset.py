"""connection_reset: the request is read, thrown away, and the connection reset."""

from __future__ import annotations

from typing import Any

from ripstop import faults
from ripstop.model.fault import CutClient
from ripstop.model.trace import Crossing


def test_the_request_is_never_passed_on(on_request: Any, call: Crossing) -> None:
    assert on_request(faults.connection_reset(), call) == (CutClient(),)
