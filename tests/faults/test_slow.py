"""slow: late as a whole, or byte by byte."""

from __future__ import annotations

from typing import Any

from ripstop import faults
from ripstop.model.fault import Delay, Forward, SendClient
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing


def test_a_statement_is_delayed_on_its_way_in(on_request: Any, statement: Any) -> None:
    assert on_request(faults.slow(delay_ms=50), statement("SELECT 1")) == (Delay(50), Forward())


def test_a_call_is_answered_late(built: Any, call: Crossing) -> None:
    fault = built(faults.slow(delay_ms=50), call)

    assert fault.on_request(call) == (Forward(),)
    assert fault.on_reply(call, Reply(200)) == (Delay(50), Forward())


def test_a_reply_dribbles_byte_by_byte(built: Any, call: Crossing) -> None:
    fault = built(faults.slow(dribble_ms=5), call)

    assert fault.on_reply(call, Reply(200, b"ab")) == (SendClient(Reply(200, b"ab"), dribble_ms=5),)
