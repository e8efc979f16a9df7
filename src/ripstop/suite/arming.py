"""From injections to faults in place: each built as its own seam would suffer it."""

from __future__ import annotations

from ripstop.errors import UsageError
from ripstop.faults import catalogue
from ripstop.model.plan import Armed, Injection
from ripstop.model.trace import CLIENT
from ripstop.rig.rig import Rig


def armed(rig: Rig, injection: Injection) -> Armed:
    """The fault an injection asks for, ready to be armed. Raises UsageError."""
    where = injection.crossing
    if where.seam != CLIENT and where.seam not in rig.parts.seams:
        raise UsageError("unknown-seam", f"no seam {where.seam!r} is configured")
    facts = rig.facts(where.seam, where.operation)
    return Armed(injection, catalogue.build(injection.fault, rig.protocol(where.seam), facts))
