"""wrong_type: a success with a field of another type."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop import faults
from ripstop.model.fault import Forward
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing


@pytest.mark.parametrize(
    ("value", "other"),
    [
        ("ch_1", 0),
        (1000, "1000"),
        (2.5, "2.5"),
        (True, "true"),
        (None, {}),
        ([1], {}),
        ({"a": 1}, [{"a": 1}]),
    ],
)
def test_a_value_takes_another_type(built: Any, call: Crossing, value: Any, other: Any) -> None:
    reply = Reply.of(200, {"keep": 1, "field": value})

    (command,) = built(faults.wrong_type("field"), call).on_reply(call, reply)

    assert command.reply.json() == {"keep": 1, "field": other}


def test_a_reply_without_the_field_is_passed_on(built: Any, call: Crossing) -> None:
    assert built(faults.wrong_type("id"), call).on_reply(call, Reply.of(200, {"a": 1})) == (Forward(),)
