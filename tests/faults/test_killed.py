"""killed: the process is gone before the crossing is passed on, or after it was answered."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from ripstop import faults
from ripstop.errors import UsageError
from ripstop.faults import catalogue
from ripstop.model.fault import CutBoth, CutClient, FaultSpec, Forward, Signal
from ripstop.model.trace import Crossing


def test_before_means_that_nothing_is_passed_on(built: Any, call: Crossing) -> None:
    fault = built(faults.killed("before"), call)

    assert fault.on_request(call) == (Signal(signal.SIGKILL), CutBoth())


def test_after_means_that_it_was_done_and_nobody_reads_the_answer(built: Any, call: Crossing) -> None:
    fault = built(faults.killed("after"), call)

    assert fault.on_request(call) == (Forward(),)
    assert fault.on_reply(call, None) == (Signal(signal.SIGKILL), CutClient())


def test_no_process_is_killed_during_a_crossing(call: Crossing) -> None:
    with pytest.raises(UsageError, match="killed cannot be built") as raised:
        catalogue.build(FaultSpec.of("killed", when="during"), call.protocol)

    assert raised.value.slug == "fault-params"
