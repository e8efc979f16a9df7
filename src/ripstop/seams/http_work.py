"""Asking a double without freezing the seams: its handlers are user code, and may block.

One worker thread for each double keeps its requests in order; a handler that takes longer than
its bound loses the thread to a new one.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Protocol

from ripstop.errors import RipstopError
from ripstop.model.http import Reply, Request

_QUEUE = 1_000
_Job = tuple[Callable[[], Reply], "asyncio.Future[Reply]"]


class Respondent(Protocol):
    """What the seam needs of a double. The first two are quick and run in the event loop's thread."""

    def operation(self, method: str, target: str) -> str | None:
        """The operation's name where the double knows a better one than the path tells."""
        ...

    def admit(self, request: Request) -> Reply | Callable[[], Reply]:
        """The reply, or the work that yields it."""
        ...


class Worker:
    """A thread that does one double's work, one piece after the other."""

    def __init__(self, name: str, *, limit_s: float) -> None:
        self._name = name
        self._limit_s = limit_s
        self._jobs: queue.SimpleQueue[_Job | None] | None = None
        self._waiting = 0

    async def do(self, work: Callable[[], Reply]) -> Reply:
        """The work's reply. Raises what it raises, and RipstopError ``double-slow`` past the bound."""
        if self._waiting >= _QUEUE:
            raise RipstopError("double-slow", f"{_QUEUE} requests wait for the double {self._name!r}")
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        jobs = self._jobs = self._jobs or self._hire()
        jobs.put((work, future))
        self._waiting += 1
        try:
            return await asyncio.wait_for(future, self._limit_s)
        except TimeoutError as error:
            if self._jobs is jobs:
                self.stop()
            raise RipstopError(
                "double-slow",
                f"the double {self._name!r} gave no reply within {self._limit_s:g} s",
                way_out="a double answers at once; slowness is a fault, and faults are injected at the seam",
            ) from error
        finally:
            self._waiting -= 1

    def stop(self) -> None:
        """Let the thread go once it has done what it is doing."""
        if self._jobs is not None:
            self._jobs.put(None)
            self._jobs = None

    def _hire(self) -> queue.SimpleQueue[_Job | None]:
        jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        threading.Thread(target=_work, args=(jobs,), name=f"double-{self._name}", daemon=True).start()
        return jobs


def _work(jobs: queue.SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        work, future = job
        reply: Reply | None = None
        failure: Exception | None = None
        try:
            reply = work()
        except Exception as error:
            failure = error
        with contextlib.suppress(RuntimeError):
            future.get_loop().call_soon_threadsafe(_hand_over, future, reply, failure)


def _hand_over(future: asyncio.Future[Reply], reply: Reply | None, failure: Exception | None) -> None:
    if future.done():
        return
    if reply is not None:
        future.set_result(reply)
    else:
        future.set_exception(failure or RuntimeError("the double gave no reply"))
