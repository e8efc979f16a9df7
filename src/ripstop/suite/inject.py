"""``with seams.db.inject(fault, at="INSERT orders")``: one fault, for the requests inside the block."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ripstop.errors import UsageError
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import ANY_STEP, Injection
from ripstop.model.trace import CONNECT, CrossingId, comparable
from ripstop.rig.rig import Rig
from ripstop.suite.arming import armed


class NotFired(AssertionError):
    """A fault was armed for a block of a test and never happened: the test tests nothing."""


@dataclass(slots=True)
class Injected:
    """What a block gets: ``fired`` and ``attempts`` (crossings of the operation) may be read after it."""

    rig: Rig
    injection: Injection
    _first: int = 0
    _last: int | None = field(default=None)

    @property
    def fired(self) -> bool:
        return self.injection in self.rig.fired()

    def close(self) -> None:
        """Crossings from here on are not the block's."""
        self._last = len(self.rig.trace())

    @property
    def attempts(self) -> int:
        """How often the service made this crossing since the block began, up to its end."""
        return sum(
            (c.id.seam, c.id.operation) == (self.injection.crossing.seam, self.injection.crossing.operation)
            for c in self.rig.trace()[self._first : self._last]
        )


@contextlib.contextmanager
def injected(rig: Rig, seam: str, spec: FaultSpec, *, at: str, nth: int, tries: int) -> Iterator[Injected]:
    """Arm one fault for the block; heal on exit. Raises NotFired if the fault never happened.

    ``at`` is an operation as traces and reports print it; ``nth`` counts its crossings within one
    step from 1; ``tries`` is how many of them fail, 0 for all.
    """
    injection = Injection(CrossingId(ANY_STEP, seam, at, nth), spec, tries)
    fault = armed(rig, injection)
    block = Injected(rig, injection, len(rig.trace()))
    rig.arm(() if rig.disarmed else (fault,))
    try:
        yield block
        rig.settle(faulted=True)
        fired = block.fired
    finally:
        block.close()
        rig.heal()
        rig.settle()
        rig.revive()
    if not fired and not rig.disarmed:
        raise NotFired(_why_not(rig, seam, spec, at, block))


def operation_at(rig: Rig, seam: str, at: str | None) -> str:
    """The operation to break; a seam reached through a double with one route needs none named."""
    if at is not None:
        return at
    double = rig.parts.doubles.get(seam)
    routes = double.operations() if double else ()
    if len(routes) == 1:
        return routes[0]
    known = ", ".join(routes) or f"for example 'COMMIT', 'INSERT orders', {CONNECT!r}"
    raise UsageError(
        "inject-where",
        f"seams.{seam}.inject needs at=...: which operation is to break?",
        way_out=f"one of: {known}",
    )


def _why_not(rig: Rig, seam: str, spec: FaultSpec, at: str, block: Injected) -> str:
    seen = list(dict.fromkeys(c.operation for c in comparable(rig.trace()) if c.seam == seam))
    near = difflib.get_close_matches(at, seen, n=1)
    hint = f"; did you mean {near[0]!r}?" if near and near[0] != at else ""
    return (
        f"the fault {spec} at {seam}: {at} never fired (crossings of it in the block: {block.attempts})"
        f"{hint} Seen at this seam: {', '.join(seen) or 'nothing'}"
    )
