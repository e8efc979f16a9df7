"""Which faults can happen at a crossing that was read from code: the catalogue's own answer, by name."""

from __future__ import annotations

from ripstop.faults import catalogue
from ripstop.model.fault import Facts
from ripstop.model.survey import Reach
from ripstop.model.trace import Crossing, CrossingId


def faults_at(reach: Reach) -> tuple[str, ...]:
    """The names of the faults offered there, each once, in the catalogue's order.

    Nothing is known yet of schemas, doubles and hosts, so faults that only these make real are missing.
    """
    crossing = Crossing(
        CrossingId("", reach.protocol, reach.operation),
        reach.protocol,
        reach.kind,
        tables=(reach.target,) if reach.protocol == "postgres" and reach.target else (),
        in_transaction=reach.in_transaction,
    )
    return tuple(dict.fromkeys(fault.name for fault in catalogue.offered(crossing, Facts())))
