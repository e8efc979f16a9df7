"""missing_field: a success that lacks a field."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop import faults
from ripstop.model.fault import FaultSpec, Forward
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing

CHARGE = Reply.of(201, {"object": "charge", "status": "succeeded", "id": "ch_1"})


@pytest.mark.parametrize(
    ("spec", "left"),
    [
        (faults.missing_field("status"), {"object": "charge", "id": "ch_1"}),
        (faults.missing_field(), {"object": "charge", "status": "succeeded"}),
    ],
)
def test_the_field_named_or_else_the_id_is_left_out(
    built: Any, call: Crossing, spec: FaultSpec, left: dict[str, str]
) -> None:
    (command,) = built(spec, call).on_reply(call, CHARGE)

    assert (command.reply.status, command.reply.json()) == (201, left)


@pytest.mark.parametrize(
    "reply", [Reply(204), Reply.of(402, {"id": 1}), Reply.of(200, [1]), Reply(200, b"<p>")]
)
def test_a_reply_that_has_no_such_field_is_passed_on(built: Any, call: Crossing, reply: Reply) -> None:
    assert built(faults.missing_field("id"), call).on_reply(call, reply) == (Forward(),)
