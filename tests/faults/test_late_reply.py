"""late_reply: the effect at once, the answer after the caller gave up."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop import faults
from ripstop.errors import UsageError
from ripstop.model.fault import Delay, Forward
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing


def test_only_the_reply_is_delayed(built: Any, call: Crossing) -> None:
    fault = built(faults.late_reply(delay_ms=900), call)

    assert fault.on_request(call) == (Forward(),)
    assert fault.on_reply(call, Reply(200)) == (Delay(900), Forward())


def test_a_reply_cannot_come_before_its_request() -> None:
    with pytest.raises(UsageError, match="delay_ms: must be above 0"):
        faults.late_reply(delay_ms=-1)
