"""Sending the service what a double sends of its own accord: webhooks, each in its own request.

One thread posts them in order, so that neither the double nor the event loop waits for the service.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import httpx

from ripstop.model.http import Request

_QUEUE = 1_000


class Deliveries:
    """What is on its way from one double to the service.

    ``base_url`` is asked anew for each delivery: a service that was restarted may have moved.
    A delivery counts as failed unless a 2xx answers within ``limit_s``; failed ones are kept, for
    ``again``, as providers try again until they are answered.
    """

    def __init__(self, name: str, base_url: Callable[[], str], *, limit_s: float = 10.0) -> None:
        self._name = name
        self._base_url = base_url
        self._limit_s = limit_s
        self._queue: queue.Queue[Request | None] = queue.Queue(_QUEUE)
        self._open = 0
        self._lock = threading.Lock()
        self._failed: list[tuple[Request, str]] = []
        self._thread: threading.Thread | None = None

    def deliver(self, request: Request) -> None:
        """Send it soon. Beyond 1,000 under way it is failed at once."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"webhooks-{self._name}", daemon=True)
                self._thread.start()
            self._open += 1
        try:
            self._queue.put_nowait(request)
        except queue.Full:
            self._over(request, "too many were under way")

    def busy(self) -> tuple[str, ...]:
        """What is still on its way, as a text."""
        return (f"{self._name}: {self._open} webhooks on their way",) if self._open else ()

    @property
    def failed(self) -> tuple[tuple[Request, str], ...]:
        """Deliveries that were not answered 2xx, each with the reason."""
        return tuple(self._failed)

    def again(self) -> int:
        """Send the failed ones once more; how many those were."""
        with self._lock:
            failed, self._failed = self._failed, []
        for request, _ in failed:
            self.deliver(request)
        return len(failed)

    def clear(self) -> None:
        """Forget the failed ones: a new run begins."""
        with self._lock:
            self._failed = []

    def stop(self) -> None:
        """Let the thread go once it has sent what it is sending."""
        with self._lock:
            thread, self._thread = self._thread, None
        while thread is not None and not self._queue.empty():
            self._over(self._queue.get_nowait(), "stopped")
        if thread is not None:
            self._queue.put(None)
            thread.join(self._limit_s)

    def _work(self) -> None:
        with httpx.Client(trust_env=False, timeout=self._limit_s, follow_redirects=False) as client:
            while (request := self._queue.get()) is not None:
                self._over(request, self._send(client, request))

    def _send(self, client: httpx.Client, request: Request) -> str:
        """Empty where a 2xx answered, else why not."""
        try:
            answer = client.request(
                request.method,
                self._base_url() + request.target,
                headers=list(request.headers),
                content=request.body,
            )
        except httpx.HTTPError as error:
            return f"{type(error).__name__}: {error}"
        return "" if answer.is_success else f"status {answer.status_code}"

    def _over(self, request: Request | None, failure: str) -> None:
        with self._lock:
            if request is None:
                return
            self._open -= 1
            if failure and len(self._failed) < _QUEUE:
                self._failed.append((request, failure))
