"""A programmable stand-in for one external HTTP service: routes, errors, state, a ledger of effects.

It takes a request and gives a reply; sockets and faults are other rooms' business.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ripstop.doubles import handlers, routes, times
from ripstop.doubles.declared import Declared, DeclaredError
from ripstop.doubles.idempotency import Keys, applies
from ripstop.doubles.ledger import Ledger, effect_data, fields_of, original_of
from ripstop.doubles.manner import PLAIN, Manner
from ripstop.doubles.refusals import Refusal, Wrong
from ripstop.doubles.routes import Check, Handler, Happened, Route
from ripstop.doubles.scripts import Script, Scripts
from ripstop.doubles.shape import Shape
from ripstop.errors import UsageError
from ripstop.model.http import Reply, Request

_REFUSALS = 200
_HEARD = 1_000
_OUTBOX = 1_000


@dataclass(frozen=True, slots=True)
class Heard:
    """One request the double executed, and its reply, as the double gave it."""

    request: Request
    reply: Reply


@dataclass(frozen=True, slots=True)
class _Rest:
    handler: Handler
    operation: Callable[[str, str], str | None] | None
    effect: Happened | None


@dataclass(frozen=True, slots=True)
class _Call:
    route: Route
    params: Mapping[str, str]
    request: Request
    key: str | None
    reply: Reply | None
    generation: int


class Double:
    """A stand-in for an external service, keyed by idempotency key as the real one is.

    ``idempotency_header`` names the request header that carries the key; without it every call
    counts. ``state`` is what ``double.state`` holds after each reset. Its seam runs handlers one
    at a time, in the order in which the requests arrived. ``manner`` words what the double says
    itself as the provider would.

    ``heard`` holds what was executed since the last reset, at most 1,000 requests. ``samples`` are
    requests it can be asked with nothing running, for comparing it with the server it stands for.
    ``deliver`` takes what the double sends the service of its own accord; see ``send``. A double made of
    a description knows more of the server: ``judge`` says how a real reply to a request differs from
    what is declared, ``optional`` whether the server may leave out a field of the double's reply.
    """

    def __init__(
        self,
        name: str,
        *,
        idempotency_header: str | None = None,
        state: Mapping[str, Any] | None = None,
        manner: Manner = PLAIN,
    ) -> None:
        self.name = name
        self.ledger = Ledger(name)
        self.state: dict[str, Any] = dict(state or {})
        self.refusals: list[Refusal] = []
        self.heard: list[Heard] = []
        self.samples: list[Request] = []
        self.deliver: Callable[[Request], None] | None = None
        self.judge: Callable[[Request, Reply], tuple[str, ...]] | None = None
        self.now: times.Now = time.time
        self.optional: Callable[[Request, tuple[str, ...]], bool] | None = None
        self._manner = manner
        self._outbox: deque[Request] = deque(maxlen=_OUTBOX)
        self._rest: _Rest | None = None
        self._forgets: list[Callable[[], None]] = []
        self._header = idempotency_header
        self._declared = Declared(name)
        self._defined_state = copy.deepcopy(self.state)
        self._sealed = False
        self._keys = Keys(manner)
        self._scripts = Scripts()
        self._ids = itertools.count(1)
        self._generation = 0
        self._lock = threading.RLock()

    def route(
        self,
        pattern: str,
        *,
        effect: str | Happened | None = None,
        compensates: str | None = None,
        json: Shape = None,
        form: Shape = None,
        strict: bool = False,
        check: Check | None = None,
    ) -> Callable[[Handler], Handler]:
        """Answer ``METHOD /path/{param}`` with the decorated function: request in, Reply out.

        Path parameters are passed by name where the function asks for them. With ``effect`` a 2xx
        reply puts one such effect into the ledger; ``compensates`` names the kind it undoes. Where
        what happened depends, ``effect`` is a function of request and reply that yields kinds and data.
        ``json`` or ``form`` declares the body's shape (see ``ripstop.doubles.shape``); calls
        that have another are refused. ``strict`` refuses fields that are not declared. ``check``
        says of a request why it is turned away; such a request keeps nothing under its key.
        """
        method, path = routes.split_pattern(pattern)
        kind = effect or ("refund" if compensates else None)

        def declare(handler: Handler) -> Handler:
            names = handlers.wanted_names(handler, path)
            self._declared.add(
                Route(method, path, handler, names, kind, compensates, json, form, strict, check)
            )
            return handler

        return declare

    def otherwise(
        self,
        handler: Callable[[Request], Reply],
        *,
        operation: Callable[[str, str], str | None] | None = None,
        effect: Happened | None = None,
    ) -> None:
        """Let a function answer every call that no route answers, instead of refusing it.

        ``operation`` names such a call by its method and target, for traces; ``effect`` says what it did.
        """
        self._rest = _Rest(handler, operation, effect)

    def at_reset(self, forget: Callable[[], None]) -> None:
        """Have a function called at each reset, for state that is kept elsewhere."""
        self._forgets.append(forget)

    def send(self, request: Request) -> None:
        """Have the service sent this once the call under way has been answered, as webhooks are.

        The target is a path of the service. It leaves at ``flush``, through ``deliver``.
        """
        self._outbox.append(request)

    def flush(self, times: int = 1) -> int:
        """Hand over what is to be sent, each of it so many times; how many requests those were.

        The seam calls it after each exchange, however it ended.
        """
        handed = 0
        while self.deliver is not None and self._outbox:
            request = self._outbox.popleft()
            for _ in range(times):
                self.deliver(request)
                handed += 1
        return handed

    def error(
        self,
        name: str,
        *,
        reply: Reply,
        on: str | None = None,
        when: Callable[[Request], bool] | None = None,
    ) -> None:
        """Declare an error of the provider's domain, offered as the fault ``declined``.

        ``on`` is the route that can give it; without it any can. ``when`` says of a request to that
        route whether it can be answered so; an error that none could be is not offered there.
        """
        self._declared.declare(name, DeclaredError(on, reply, when))

    def error_shape(self, status: int, reply: Reply) -> None:
        """Declare the body the provider sends with an infrastructure status, such as 500 or 429."""
        self._declared.shapes[status] = reply

    def new_id(self, prefix: str) -> str:
        """An id no reply has carried yet, such as ``ch_000001``. Resets do not repeat ids."""
        return f"{prefix}_{next(self._ids):06d}"

    def respond(self, request: Request) -> Reply:
        """The reply to a request. Raises RipstopError ``double-raised`` where a handler fails."""
        answer = self.admit(request)
        reply = answer if isinstance(answer, Reply) else answer()
        self.flush()
        return reply

    def admit(self, request: Request) -> Reply | Callable[[], Reply]:
        """The reply, where no handler is needed for it; else the work that yields it.

        Cheap, safe in any thread. From here until the work is done a second request with
        the same idempotency key is answered 409.
        """
        with self._lock:
            found = self._find(request)
            if found is None:
                return self._refuse(request, 501, Wrong(routes.nearest(self._declared.routes, request)))
            route, params = found
            if wrong := route.wrong(request):
                return self._refuse(request, 400, wrong)
            self._declared.heard(route.pattern, request)
            script = self._scripts.due(route.pattern)
            if script and not script.reached:
                return script.take()
            key = request.header(self._header) if self._header and applies(request) else None
            if key is not None:
                if known := self._keys.answer(key, request):
                    return known
                self._keys.begin(key, request)
            reply = script.take() if script else None
            return partial(self._execute, _Call(route, params, request, key, reply, self._generation))

    def operation(self, method: str, target: str) -> str | None:
        """The route that answers, as it was written; None where none does."""
        found = routes.find(self._declared.routes, method, target.partition("?")[0])
        if found is None and self._rest and self._rest.operation:
            return self._rest.operation(method, target)
        return found[0].pattern if found else None

    def effect_of(self, request: Request) -> str | None:
        """The kind of effect that a good reply to a request stands for, None where it depends or is none."""
        found = self._find(request)
        return found[0].effect if found and isinstance(found[0].effect, str) else None

    def operations(self) -> tuple[str, ...]:
        """The routes as they were written, in order of declaration."""
        return tuple(route.pattern for route in self._declared.routes)

    def facts_for(self, operation: str) -> tuple[Mapping[str, Reply], Mapping[int, Reply]]:
        """The declared errors of an operation by name, and the provider's bodies by status."""
        return self._declared.facts_for(operation)

    @contextlib.contextmanager
    def replies(self, on: str, *replies: Reply, times: int | None = None) -> Iterator[None]:
        """Within the block these replies take the handler's place, in order, the last again and again.

        Effects and idempotency keys are kept as if the handler had given them. With ``times``
        the handler answers again after so many calls.
        """
        if not replies:
            raise UsageError("double-script", f"no reply was given for {on}")
        with self._scripts.play(Script(self._declared.pattern(on), deque(replies), times=times)):
            yield

    @contextlib.contextmanager
    def fails(self, on: str, error: str | int, *, times: int | None = None) -> Iterator[None]:
        """Within the block the route gives a declared error, or an infrastructure status.

        A status such as 503 never reaches the double: no effect, nothing kept under the key.
        """
        failure = deque([self._declared.failure(error, on)])
        reached = isinstance(error, str)
        with self._scripts.play(Script(self._declared.pattern(on), failure, reached, times)):
            yield

    def seal(self) -> None:
        """The definition is complete: check it, and take the state as it is now for every reset.

        Raises UsageError ``double-route`` where an error belongs to a route that is not there.
        """
        if not self._sealed:
            self._declared.check()
            self._defined_state = copy.deepcopy(self.state)
            self._sealed = True

    def reset(self) -> None:
        """Forget effects, keys and refusals; the state is what it was at the definition.

        What a handler that still runs does after this is not recorded.
        """
        with self._lock:
            self._generation += 1
            self.ledger.clear()
            self._keys = Keys(self._manner)
            self.refusals.clear()
            self.heard.clear()
            self._outbox.clear()
            self.state.clear()
            self.state.update(copy.deepcopy(self._defined_state))
            for forget in self._forgets:
                forget()

    def _find(self, request: Request) -> tuple[Route, dict[str, str]] | None:
        found = routes.find(self._declared.routes, request.method, request.path)
        if found is None and self._rest is not None:
            rest = self._rest
            return Route(request.method.upper(), request.path, rest.handler, frozenset(), rest.effect), {}
        return found

    def _execute(self, call: _Call) -> Reply:
        try:
            with times.told_by(self.now):
                reply = call.reply or handlers.call(self.name, call.route, call.request, call.params)
        except Exception:
            with self._lock:
                if call.key is not None and call.generation == self._generation:
                    self._keys.forget(call.key)
            raise
        with self._lock:
            if call.generation == self._generation:
                self._settle(call, reply)
        return reply

    def _settle(self, call: _Call, reply: Reply) -> None:
        """What remains of an executed call: the reply under its key, and its effect."""
        if call.key is not None:
            self._keys.finish(call.key, reply)
        if len(self.heard) < _HEARD:
            self.heard.append(Heard(call.request, reply))
        kind, undone = call.route.effect, call.route.compensates
        if kind is None or not 200 <= reply.status < 300:
            return
        if callable(kind):
            self._record_all(kind(call.request, reply), call.key)
            return
        data = effect_data(call.request, reply)
        if undone is not None:
            names = {**fields_of(call.request), **call.params}
            original = original_of(self.ledger.effects(undone), names)
            data |= {"compensates": undone, "original": original.data.get("id") if original else None}
        self.ledger.record(kind, key=call.key, data=data)

    def _record_all(self, happened: Iterable[tuple[str, Mapping[str, Any]]], key: str | None) -> None:
        for kind, data in happened:
            self.ledger.record(kind, key=key, data=data)

    def _refuse(self, request: Request, status: int, wrong: Wrong) -> Reply:
        refusal = Refusal(self.name, request.method, request.target[:500], wrong.differences)
        if len(self.refusals) < _REFUSALS:
            self.refusals.append(refusal)
        return wrong.reply or self._manner.refused(refusal, status)
