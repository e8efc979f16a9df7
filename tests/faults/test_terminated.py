"""terminated: the process is told to end, and the crossing goes on."""

from __future__ import annotations

import signal
from typing import Any

from ripstop import faults
from ripstop.model.fault import Forward, Signal
from ripstop.model.trace import Crossing


def test_the_crossing_goes_on_after_the_process_was_told(built: Any, call: Crossing) -> None:
    fault = built(faults.terminated(), call)

    assert fault.on_request(call) == (Signal(signal.SIGTERM), Forward())
    assert fault.on_reply(call, None) == (Forward(),)


def test_who_asked_cannot_know_whether_it_was_done(built: Any, call: Crossing) -> None:
    assert built(faults.terminated(), call).ambiguous
