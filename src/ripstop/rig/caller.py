"""The caller's side of the service: requests become steps, answers become exchanges.

The ``client`` seam: it records and repeats byte for byte, and lets faults send another request in a
recorded one's place, or hang up on it. What is recorded is what the test meant to send.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from ripstop.model.fault import Replace
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.plan import Armed
from ripstop.model.trace import Phase, operation_of
from ripstop.rig import inbound
from ripstop.rig.inbound import Identity
from ripstop.seams.board import Board

Got = tuple[httpx.Response | None, Answer]
Around = Callable[[str, Request, Callable[[Request | None], Got]], Got]
"""Given a step, its request and what sends it (None) or another one in its place; what the test gets."""
_SLACK = 0.1
_KEEPALIVE_S = 1.0
"""Below any server's own idle time-out, so that no request meets a connection being closed."""


class NoAnswer(AssertionError):
    """The service gave no answer: none within the budget, or it dropped the connection.

    An assertion, so that a test of this behaviour fails for the right reason.
    """

    def __init__(self, text: str, answer: Answer) -> None:
        super().__init__(text)
        self.answer = answer


@dataclass(slots=True)
class Caller:
    """Sends requests to the service, one step each, and keeps what came back.

    ``before`` and ``after`` are told each step's name around the request; ``between`` is called
    before a step that follows another; ``budget_s`` is how long an answer may take. ``board`` says
    which faults are armed at the caller's own side, ``who`` what they know of who asks. ``patience_s``
    is shorter than the budget for a step in which no answer can come.

    ``usual_s`` is how long a step takes when nothing is broken. An answer is waited for that much and
    a tenth longer than the budget: where the service itself gives up a call after as long as the
    budget, as clients with a default of 5 s do, its answer follows only then, and is an answer.
    ``around`` may send another request beside a step's own, or in its place. ``dropped`` tells whether the
    last connection was closed without an answer; who has looked into it takes it back.
    """

    budget_s: float
    before: Callable[[Phase, str], None]
    after: Callable[[str], None]
    phase: Phase = Phase.SETUP
    between: Callable[[], None] | None = None
    board: Board | None = None
    who: Identity = inbound.NOBODY
    patience_s: float | None = None
    usual_s: dict[str, float] = field(default_factory=dict)
    around: Around | None = None
    dropped: bool = False
    exchanges: list[Exchange] = field(default_factory=list)
    _transport: httpx.HTTPTransport | None = None
    _steps: Counter[tuple[Phase, str]] = field(default_factory=Counter)

    def begin(self) -> None:
        """Forget the last run's exchanges and step numbers."""
        self.phase = Phase.SETUP
        self.exchanges.clear()
        self._steps.clear()

    def close(self) -> None:
        """Drop pooled connections, as after a restart of the service."""
        if self._transport:
            self._transport.close()
        self._transport = None

    def client(self, base_url: str) -> httpx.Client:
        """An httpx client whose every request is a step of the workflow."""
        return httpx.Client(
            base_url=base_url, transport=_Recording(self), timeout=self.budget_s, trust_env=False
        )

    def send(self, request: httpx.Request) -> httpx.Response:
        """Send as the next step. Raises NoAnswer where no answer came."""
        if self.between and self.exchanges:
            self.between()
        step = self._next_step(request.method, request.url.raw_path.decode("ascii"))
        self.before(self.phase, step)
        recorded = _noun(request)
        response, answer = self._contested(step, request, recorded)
        self.exchanges.append(Exchange(step, recorded, answer, self.phase.value))
        self.after(step)
        if response is None:
            raise NoAnswer(_why(step, answer, self.budget_s), answer)
        return response

    def repeat(self, exchange: Exchange, base_url: str, *, phase: Phase) -> Exchange:
        """Send a recorded request again, byte for byte, as a client that retries would."""
        self.before(phase, exchange.step)
        request = httpx.Request(
            exchange.request.method,
            base_url + exchange.request.target,
            headers=list(exchange.request.headers),
            content=exchange.request.body,
            extensions={"timeout": httpx.Timeout(self.budget_s).as_dict()},
        )
        _, answer = self._exchange(exchange.step, request)
        self.after(exchange.step)
        return Exchange(exchange.step, exchange.request, answer, phase.value)

    def learn(self, exchange: Exchange) -> None:
        """Keep how long a step takes when nothing is broken."""
        taken_s = exchange.answer.duration_ms / 1_000
        self.usual_s[exchange.step] = max(taken_s, self.usual_s.get(exchange.step, 0.0))

    def _contested(
        self, step: str, request: httpx.Request, recorded: Request
    ) -> tuple[httpx.Response | None, Answer]:
        if self.around is None or self.phase is not Phase.CALL:
            return self._sent(step, request, recorded)

        def send(other: Request | None) -> Got:
            if other is None:
                return self._sent(step, request, recorded)
            return self._exchange(step, inbound.wired(other, request))

        return self.around(step, recorded, send)

    def _sent(
        self, step: str, request: httpx.Request, recorded: Request
    ) -> tuple[httpx.Response | None, Answer]:
        """Send a request as it is, or as the faults armed for it will have it."""
        armed = self.board.armed_for(step) if self.board and self.phase is Phase.CALL else ()
        for one in inbound.at_client(armed, step):
            commands = inbound.on_request(one, recorded, self.who)
            if inbound.departs(commands):
                return None, self._departed(one, step, request)
            for command in commands:
                if isinstance(command, Replace) and self.board:
                    self.board.fire_injection(one.injection)
                    request = inbound.wired(command.request, request)
        return self._exchange(step, request)

    def _departed(self, armed: Armed, step: str, request: httpx.Request) -> Answer:
        """Hang up on a request; the fault has happened where the service was at work by then."""
        assert self.board is not None
        board, started = self.board, time.perf_counter()
        request.read()
        if inbound.depart(request, lambda: board.reached(step), self.budget_s):
            board.fire_injection(armed.injection)
        return Answer(None, duration_ms=_since_ms(started), failure="departed")

    def _next_step(self, method: str, target: str) -> str:
        operation = operation_of(method, target)
        self._steps[self.phase, operation] += 1
        count = self._steps[self.phase, operation]
        return operation if count == 1 else f"{operation} ({count})"

    def _exchange(self, step: str, request: httpx.Request) -> tuple[httpx.Response | None, Answer]:
        started = time.perf_counter()
        request.read()
        if (patience_s := self._patience_s(step, request)) is not None:
            request.extensions = {**request.extensions, "timeout": httpx.Timeout(patience_s).as_dict()}
        try:
            response = self._wire().handle_request(request)
            response.request = request
            response.read()
        except httpx.TransportError as error:
            failure = "timeout" if isinstance(error, httpx.TimeoutException) else "dropped"
            self.dropped = failure == "dropped"
            return None, Answer(None, duration_ms=_since_ms(started), failure=failure)
        headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw)
        return response, Answer(response.status_code, headers, response.content, _since_ms(started))

    def _patience_s(self, step: str, request: httpx.Request) -> float | None:
        """How long an answer is waited for; None where the test itself says how long."""
        if self.patience_s is not None:
            return self.patience_s
        if request.extensions.get("timeout", {}).get("read") != self.budget_s:
            return None
        return self.budget_s * (1 + _SLACK) + self.usual_s.get(step, 0.0)

    def _wire(self) -> httpx.HTTPTransport:
        if self._transport is None:
            self._transport = httpx.HTTPTransport(limits=httpx.Limits(keepalive_expiry=_KEEPALIVE_S))
        return self._transport


class _Recording(httpx.BaseTransport):
    """The transport httpx sees; the recording lives in the Caller and outlives each client."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._caller.send(request)


def _noun(request: httpx.Request) -> Request:
    headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in request.headers.raw)
    return Request(request.method, request.url.raw_path.decode("ascii"), headers, request.content)


def _since_ms(started: float) -> float:
    return (time.perf_counter() - started) * 1_000


def _why(step: str, answer: Answer, budget_s: float) -> str:
    if answer.failure == "timeout":
        return f"{step}: no answer within {budget_s:g} s"
    if answer.failure == "departed":
        return f"{step}: the caller hung up before the answer"
    return f"{step}: the service dropped the connection without an answer"
