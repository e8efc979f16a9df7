"""stale_connection: the pool's idle connections are dead."""

from __future__ import annotations

from typing import Any

from ripstop import faults
from ripstop.model.fault import CutIdle, Forward
from ripstop.model.trace import Crossing


def test_idle_connections_end_and_new_ones_work(built: Any, connect: Crossing) -> None:
    fault = built(faults.stale_connection(), connect)

    assert fault.at_step() == (CutIdle(),)
    assert fault.on_request(connect) == (Forward(),)
