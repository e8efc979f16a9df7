"""empty: a success whose body is not what was asked for."""

from __future__ import annotations

from typing import Any

from ripstop import faults
from ripstop.model.fault import Forward
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing

CHARGE = Reply.of(201, {"id": "ch_1"}, {"Content-Length": "14", "x-request-id": "r1"})


def test_the_effect_happens_and_the_body_is_empty(built: Any, call: Crossing) -> None:
    fault = built(faults.empty(), call)
    (command,) = fault.on_reply(call, CHARGE)

    assert fault.on_request(call) == (Forward(),)
    assert command.reply.status == 201
    assert command.reply.header("x-request-id") == "r1"
    assert command.reply.header("content-length") is None
    assert command.reply.body == b""


def test_an_error_is_passed_on_as_it_is(built: Any, call: Crossing) -> None:
    assert built(faults.empty(), call).on_reply(call, Reply(402)) == (Forward(),)
