"""``seams.clock``: the time of the service, its other processes and its servers, moved by a test.

The test's own process keeps real time. After the test all is as it was: the clock is set back, and the
service started anew, so that nothing it remembers comes from a time still ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ripstop.errors import UsageError
from ripstop.rig.rig import Rig


@dataclass(frozen=True, slots=True)
class ClockHandle:
    """A clock seam. Each move waits until the service rests, so that no statement is half way."""

    rig: Rig
    name: str

    def now(self) -> datetime:
        """What the service is shown now, in UTC."""
        assert self.rig.clock is not None, "a handle is given where there is a clock"
        return self.rig.clock.now()

    def freeze(self, at: datetime | None = None) -> datetime:
        """Let time stand still, at this moment or the present one; the moment.

        PostgreSQL's own time-outs (for locks, for deadlocks) stand still with it. Raises UsageError.
        """
        self.rig.move_clock(lambda clock: clock.freeze(at))
        return self.now()

    def advance(self, by: timedelta = timedelta(), **parts: float) -> datetime:
        """Go forward by a timedelta, or by ``days=``, ``hours=``, ``minutes=``, ``seconds=``; the time then.

        Raises UsageError ``clock-backwards`` where that leads back, which is for ``set``.
        """
        by = by + timedelta(**parts)
        if by < timedelta():
            raise UsageError(
                "clock-backwards",
                f"seams.clock.advance goes forward, and {by} is back",
                way_out="seams.clock.set(datetime(...)) shows any time",
            )
        self.rig.move_clock(lambda clock: clock.advance(by))
        return self.now()

    def set(self, at: datetime) -> datetime:
        """Show this moment from now on; frozen time stays frozen. Raises UsageError ``naive-time``."""
        self.rig.move_clock(lambda clock: clock.set(at))
        return self.now()
