"""The thread that owns every socket: one event loop, and the way in from other threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ripstop.errors import ExperimentError

T = TypeVar("T")


class WireThread:
    """An event loop in a daemon thread. ``run`` and ``call`` block the caller, bounded."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="ripstop-wire", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], *, timeout_s: float = 30.0) -> T:
        """Run a coroutine in the loop and wait. Raises ExperimentError after ``timeout_s``."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout_s)
        except TimeoutError:
            future.cancel()
            raise ExperimentError(
                "wire-thread-stuck",
                f"the wire thread did not finish within {timeout_s:g} s",
                way_out="this is a defect of ripstop; please report it with what ran",
            ) from None

    def call(self, function: Callable[[], T], *, timeout_s: float = 30.0) -> T:
        """Run a plain function in the loop and wait for what it returns."""

        async def work() -> T:
            return function()

        return self.run(work(), timeout_s=timeout_s)

    def stop(self) -> None:
        """End the loop and the thread. Sockets must have been closed by their owners."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
        if not self._loop.is_running():
            self._loop.close()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
