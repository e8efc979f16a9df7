"""truncated: the body breaks off half-way."""

from __future__ import annotations

from typing import Any

from ripstop import faults
from ripstop.model.fault import CutClient, Forward, SendClient
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing


def test_half_of_the_promised_body_comes(built: Any, call: Crossing) -> None:
    fault, reply = built(faults.truncated(), call), Reply(200, b"12345678")

    assert fault.on_request(call) == (Forward(),)
    assert fault.on_reply(call, reply) == (SendClient(reply, truncate_at=4),)


def test_a_reply_without_a_body_breaks_off_before_it_begins(built: Any, call: Crossing) -> None:
    assert built(faults.truncated(), call).on_reply(call, Reply(204)) == (CutClient(),)
