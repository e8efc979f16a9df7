"""connection_refused: nobody listens."""

from __future__ import annotations

from typing import Any

from ripstop import faults
from ripstop.model.fault import CutIdle, Refuse
from ripstop.model.trace import Crossing


def test_pooled_connections_are_cut_before_the_port_closes(
    built: Any, call: Crossing, connect: Crossing
) -> None:
    for crossing in (call, connect):
        assert built(faults.connection_refused(), crossing).at_step() == (CutIdle(), Refuse())
