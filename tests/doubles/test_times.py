"""The time of a double is that of the service it answers."""

from __future__ import annotations

import time

from ripstop.doubles import times
from ripstop.doubles.double import Double
from ripstop.model.http import Reply, Request


def test_a_handler_is_told_the_double_s_own_time_and_others_the_real_one() -> None:
    double = Double("till")
    double.now = lambda: 4_000_000_000.5

    @double.route("GET /now")
    def now(_request: Request) -> Reply:
        return Reply.of(200, times.now())

    assert double.respond(Request("GET", "/now")).json() == 4_000_000_000.5
    assert abs(times.now() - time.time()) < 30
