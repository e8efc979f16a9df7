"""An end of a relay is read only while nobody has a reason not to."""

from __future__ import annotations

import asyncio

from ripstop.seams.relay import End


class Deaf(asyncio.Transport):
    """A transport that only remembers whether it is read."""

    reading = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


def test_a_reason_to_wait_outlasts_another_one() -> None:
    end, wire = End(lambda _data: None, lambda: None), Deaf()
    end.connection_made(wire)
    end.pause()
    end.pause("gate")
    end.resume("gate")
    assert not wire.reading
    end.resume()
    assert wire.reading
