"""``with seams.db.hold("UPDATE stock") as held``: one request stands there while another one goes past.

The held request runs in a thread of its own; the next one that the test sends through ``service`` is the
other. Once that is over, or waits for what the held one has locked, the held one goes on, and both end.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from ripstop.errors import UsageError
from ripstop.model.fault import FaultSpec
from ripstop.model.http import Answer, Request
from ripstop.model.plan import Injection
from ripstop.model.trace import CrossingId, Phase, operation_of
from ripstop.rig.caller import Got, NoAnswer
from ripstop.rig.contest import HELD_MOST_S
from ripstop.rig.racing import Racing
from ripstop.rig.rig import Rig
from ripstop.suite.arming import armed
from ripstop.suite.inject import NotFired
from ripstop.suite.rivals import ANOTHER


class Later:
    """The answer of a request that is held: an ``httpx.Response`` once the block has ended."""

    def __init__(self) -> None:
        self._got: httpx.Response | Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response(), name)

    def __repr__(self) -> str:
        return "<an answer to come>" if self._got is None else repr(self._got)

    def _response(self) -> httpx.Response:
        if isinstance(self._got, Exception):
            raise self._got
        if self._got is None:
            raise UsageError(
                "still-held",
                "this request is held and has no answer yet",
                way_out="look at its answer after the `with seams.NAME.hold(...)` block",
            )
        return self._got


@dataclass(slots=True)
class Held:
    """What a block gets: sends the request that is to be held, by ``post`` and its kin."""

    rig: Rig
    place: CrossingId
    _racing: Racing | None = None
    _thread: threading.Thread | None = None
    _later: Later = field(default_factory=Later)

    def get(self, url: str, **options: Any) -> Later:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> Later:
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> Later:
        return self.request("PUT", url, **options)

    def patch(self, url: str, **options: Any) -> Later:
        return self.request("PATCH", url, **options)

    def delete(self, url: str, **options: Any) -> Later:
        return self.request("DELETE", url, **options)

    def request(self, method: str, url: str, **options: Any) -> Later:
        """Send a request and return once it stands at its crossing; options as those of httpx.

        Raises NotFired where it was answered without having come there, UsageError for a second one.
        """
        if self._thread is not None:
            raise UsageError("held-twice", "one block holds one request", way_out="nest a second block")
        if self.rig.disarmed:
            self._send(method, url, options)
            return self._later
        step = operation_of(method, url)
        racing = self._racing = Racing(self.rig, step)
        where = Injection(CrossingId(step, self.place.seam, self.place.operation, self.place.nth), _SPEC)
        self.rig.board.enter(Phase.CALL, step)
        self.rig.arm((armed(self.rig, where),))
        self.rig.caller.around = self._second
        racing.start()
        self._thread = threading.Thread(
            target=lambda: racing.first(lambda: self._send(method, url, options)), daemon=True
        )
        self._thread.start()
        if not racing.wait_for_turn():
            raise NotFired(
                f"{step} was answered without having come to {self.place.operation}: {self._later!r}"
            )
        return self._later

    def finish(self) -> None:
        """Let it go on, and wait until both are over."""
        self.rig.caller.around = None
        if self._racing is None or self._thread is None:
            return
        if not self._racing.turns.second.sent:
            self.rig.parts.wire.call(self._racing.turns.release)
        self._thread.join(self.rig.config.budget_s + HELD_MOST_S)
        self._racing.finish()

    def _second(self, _step: str, _request: Request, send: Any) -> Got:
        """The test's own next request, beside the held one. A later one is none of the race's."""
        self.rig.caller.around = None
        assert self._racing is not None
        got: Got = self._racing.second(lambda: send(None))
        return got

    def _send(self, method: str, url: str, options: dict[str, Any]) -> None:
        wait_s = self.rig.config.budget_s + HELD_MOST_S
        try:
            with httpx.Client(base_url=self.rig.service.url, timeout=wait_s, trust_env=False) as client:
                self._later._got = client.request(method, url, **options)
        except httpx.TransportError as error:
            self._later._got = NoAnswer(
                f"{method} {url}, once held: {error!r}", Answer(None, failure="dropped")
            )


_SPEC = FaultSpec.of("race", by=ANOTHER)


@contextlib.contextmanager
def holding(rig: Rig, seam: str, at: str, nth: int) -> Iterator[Held]:
    """Hold one request at its ``nth`` crossing of an operation, for as long as the next one needs."""
    held = Held(rig, CrossingId("", seam, at, nth))
    try:
        yield held
    finally:
        held.finish()
        rig.heal()
        rig.settle()
        rig.revive()
