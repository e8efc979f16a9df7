"""An unrelated request, sent while a seam keeps the service waiting: was it served meanwhile.

What the request is, and what a seam's fault is, the rig knows; who is to blame, the oracle.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ripstop.model.http import Answer

_LOOK_S = 0.05
_AFTER_S = 0.1
"""From the fault to the probe: a service that waits apart has gone on to others by then."""
_KEPT_MS = 300.0
_TOGETHER_MS = 50.0
_JOIN_S = 5.0


@dataclass(slots=True)
class Probe:
    """One request beside one step. Runs in a thread of its own from ``start`` until ``stop``.

    ``met`` says whether the step has met its fault, ``ask`` sends the request and says how long it took.
    ``answer`` is None where the fault was not met in time, or the step over before. ``kept`` says that the
    request was answered, but had to wait for 0.3 s at least, until the step itself was over.
    """

    met: Callable[[], bool]
    ask: Callable[[], Answer]
    answer: Answer | None = None
    kept: bool = False
    _over: threading.Event = field(default_factory=threading.Event)
    _answered_s: float = 0.0
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """The step is over. Waits for a probe that is under way, five seconds at most."""
        over_s = time.monotonic()
        self._over.set()
        if self._thread:
            self._thread.join(_JOIN_S)
        if self.answer is not None and self.answer.failure is None:
            waited_ms, after_ms = self.answer.duration_ms, (self._answered_s - over_s) * 1_000
            # On a busy machine the answer comes a while after the step's; most of the wait was before it.
            self.kept = waited_ms >= _KEPT_MS and -_TOGETHER_MS <= after_ms <= waited_ms / 2

    def _run(self) -> None:
        while not self.met():
            if self._over.wait(_LOOK_S):
                return
        if self._over.wait(_AFTER_S):
            return
        answer = self.ask()
        self._answered_s = time.monotonic()
        self.answer = answer
