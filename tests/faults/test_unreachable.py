"""unreachable: packets vanish at connect."""

from __future__ import annotations

from typing import Any

from ripstop import faults
from ripstop.model.fault import Blackhole, CutIdle
from ripstop.model.trace import Crossing


def test_pooled_connections_are_cut_before_packets_vanish(built: Any, call: Crossing) -> None:
    fault = built(faults.unreachable(), call)

    assert fault.at_step() == (CutIdle(), Blackhole())
    assert fault.waits
