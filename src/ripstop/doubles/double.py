"""A programmable stand-in for one external HTTP service: routes, errors, state, a ledger of effects.

It takes a request and gives a reply; sockets and faults are other rooms' business.
"""

from __future__ import annotations

import contextlib
import copy
import difflib
import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ripstop.doubles import handlers, routes
from ripstop.doubles.idempotency import Keys, applies
from ripstop.doubles.ledger import Ledger, effect_data, fields_of, original_of
from ripstop.doubles.refusals import Refusal, default_shapes
from ripstop.doubles.routes import Handler, Route
from ripstop.doubles.shape import Shape
from ripstop.errors import UsageError
from ripstop.model.http import Reply, Request

_REFUSALS = 200


@dataclass(slots=True, eq=False)
class _Script:
    """Replies a test put in a handler's place. With ``reached`` False the double never saw the call."""

    pattern: str
    replies: deque[Reply]
    reached: bool
    times: int | None

    def take(self) -> Reply | None:
        if self.times == 0:
            return None
        if self.times is not None:
            self.times -= 1
        return self.replies.popleft() if len(self.replies) > 1 else self.replies[0]


@dataclass(frozen=True, slots=True)
class _Call:
    route: Route
    params: Mapping[str, str]
    request: Request
    key: str | None
    reply: Reply | None
    generation: int


@dataclass(slots=True)
class _Declared:
    """What does not change between runs."""

    routes: list[Route] = field(default_factory=list)
    errors: dict[str, tuple[str | None, Reply]] = field(default_factory=dict)
    shapes: dict[int, Reply] = field(default_factory=default_shapes)
    state: dict[str, Any] = field(default_factory=dict)
    sealed: bool = False


class Double:
    """A stand-in for an external service, keyed by idempotency key as the real one is.

    ``idempotency_header`` names the request header that carries the key; without it every call
    counts. ``state`` is what ``double.state`` holds after each reset. Its seam runs handlers one
    at a time, in the order in which the requests arrived.
    """

    def __init__(
        self, name: str, *, idempotency_header: str | None = None, state: Mapping[str, Any] | None = None
    ) -> None:
        self.name = name
        self.ledger = Ledger(name)
        self.state: dict[str, Any] = dict(state or {})
        self.refusals: list[Refusal] = []
        self._header = idempotency_header
        self._declared = _Declared(state=copy.deepcopy(self.state))
        self._keys = Keys()
        self._scripts: list[_Script] = []
        self._ids = itertools.count(1)
        self._generation = 0
        self._lock = threading.RLock()

    def route(
        self,
        pattern: str,
        *,
        effect: str | None = None,
        compensates: str | None = None,
        json: Shape = None,
        form: Shape = None,
        strict: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Answer ``METHOD /path/{param}`` with the decorated function: request in, Reply out.

        Path parameters are passed by name where the function asks for them. With ``effect`` a 2xx
        reply puts one such effect into the ledger; ``compensates`` names the kind it undoes.
        ``json`` or ``form`` declares the body's shape (see ``ripstop.doubles.shape``); calls
        that have another are refused. ``strict`` refuses fields that are not declared.
        """
        method, path = routes.split_pattern(pattern)
        if any(route.pattern == pattern for route in self._declared.routes):
            raise UsageError("double-route", f"the double {self.name!r} answers {pattern} twice")

        def declare(handler: Handler) -> Handler:
            names = handlers.wanted_names(handler, path)
            kind = effect or ("refund" if compensates else None)
            self._declared.routes.append(
                Route(method, path, handler, names, kind, compensates, json, form, strict)
            )
            return handler

        return declare

    def error(self, name: str, *, reply: Reply, on: str | None = None) -> None:
        """Declare an error of the provider's domain, offered as the fault ``declined``.

        ``on`` is the route that can give it; without it any can.
        """
        self._declared.errors[name] = (on, reply)

    def error_shape(self, status: int, reply: Reply) -> None:
        """Declare the body the provider sends with an infrastructure status, such as 500 or 429."""
        self._declared.shapes[status] = reply

    def new_id(self, prefix: str) -> str:
        """An id no reply has carried yet, such as ``ch_000001``. Resets do not repeat ids."""
        return f"{prefix}_{next(self._ids):06d}"

    def respond(self, request: Request) -> Reply:
        """The reply to a request. Raises RipstopError ``double-raised`` where a handler fails."""
        answer = self.admit(request)
        return answer if isinstance(answer, Reply) else answer()

    def admit(self, request: Request) -> Reply | Callable[[], Reply]:
        """The reply, where no handler is needed for it; else the work that yields it.

        Cheap, safe in any thread. From here until the work is done a second request with
        the same idempotency key is answered 409.
        """
        with self._lock:
            found = routes.find(self._declared.routes, request.method, request.path)
            if found is None:
                return self._refuse(request, 501, routes.nearest(self._declared.routes, request))
            route, params = found
            if wrong := route.differences(request):
                return self._refuse(request, 400, wrong)
            reply, reached = self._scripted(route.pattern)
            if reply and not reached:
                return reply
            key = request.header(self._header) if self._header and applies(request) else None
            if key is not None:
                if known := self._keys.answer(key, request):
                    return known
                self._keys.begin(key, request)
            return partial(self._execute, _Call(route, params, request, key, reply, self._generation))

    def operation(self, method: str, target: str) -> str | None:
        """The route that answers, as it was written; None where none does."""
        found = routes.find(self._declared.routes, method, target.partition("?")[0])
        return found[0].pattern if found else None

    def operations(self) -> tuple[str, ...]:
        """The routes as they were written, in order of declaration."""
        return tuple(route.pattern for route in self._declared.routes)

    def facts_for(self, operation: str) -> tuple[Mapping[str, Reply], Mapping[int, Reply]]:
        """The declared errors of an operation by name, and the provider's bodies by status."""
        errors = {
            name: reply for name, (on, reply) in self._declared.errors.items() if on in (None, operation)
        }
        return errors, dict(self._declared.shapes)

    @contextlib.contextmanager
    def replies(self, on: str, *replies: Reply, times: int | None = None) -> Iterator[None]:
        """Within the block these replies take the handler's place, in order, the last again and again.

        Effects and idempotency keys are kept as if the handler had given them. With ``times``
        the handler answers again after so many calls.
        """
        if not replies:
            raise UsageError("double-script", f"no reply was given for {on}")
        with self._script(_Script(self._known(on), deque(replies), reached=True, times=times)):
            yield

    @contextlib.contextmanager
    def fails(self, on: str, error: str | int, *, times: int | None = None) -> Iterator[None]:
        """Within the block the route gives a declared error, or an infrastructure status.

        A status such as 503 never reaches the double: no effect, nothing kept under the key.
        """
        if isinstance(error, int):
            shape = self._declared.shapes.get(error) or default_shapes().get(error) or Reply(error)
            script = _Script(self._known(on), deque([shape]), reached=False, times=times)
        else:
            declared = self._named_error(error)
            script = _Script(self._known(on), deque([declared]), reached=True, times=times)
        with self._script(script):
            yield

    def seal(self) -> None:
        """The definition is complete: check it, and take the state as it is now for every reset.

        Raises UsageError ``double-route`` where an error belongs to a route that is not there.
        """
        if self._declared.sealed:
            return
        for on, _ in self._declared.errors.values():
            if on is not None:
                self._known(on)
        self._declared.state = copy.deepcopy(self.state)
        self._declared.sealed = True

    def reset(self) -> None:
        """Forget effects, keys and refusals; the state is what it was at the definition.

        What a handler that still runs does after this is not recorded.
        """
        with self._lock:
            self._generation += 1
            self.ledger.clear()
            self._keys = Keys()
            self.refusals.clear()
            self.state.clear()
            self.state.update(copy.deepcopy(self._declared.state))

    def _execute(self, call: _Call) -> Reply:
        try:
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
        kind, undone = call.route.effect, call.route.compensates
        if kind is None or not 200 <= reply.status < 300:
            return
        data = effect_data(call.request, reply)
        if undone is not None:
            names = {**fields_of(call.request), **call.params}
            original = original_of(self.ledger.effects(undone), names)
            data |= {"compensates": undone, "original": original.data.get("id") if original else None}
        self.ledger.record(kind, key=call.key, data=data)

    def _refuse(self, request: Request, status: int, wrong: tuple[str, ...]) -> Reply:
        refusal = Refusal(self.name, request.method, request.target[:500], wrong)
        if len(self.refusals) < _REFUSALS:
            self.refusals.append(refusal)
        return refusal.reply(status)

    def _scripted(self, pattern: str) -> tuple[Reply | None, bool]:
        for script in reversed(self._scripts):
            if script.pattern == pattern and (reply := script.take()):
                return reply, script.reached
        return None, True

    @contextlib.contextmanager
    def _script(self, script: _Script) -> Iterator[None]:
        self._scripts.append(script)
        try:
            yield
        finally:
            self._scripts.remove(script)

    def _known(self, pattern: str) -> str:
        patterns = [route.pattern for route in self._declared.routes]
        if pattern in patterns:
            return pattern
        raise UsageError(
            "double-route",
            f"the double {self.name!r} has no route {pattern!r}",
            details=patterns,
            way_out=_did_you_mean(pattern, patterns),
        )

    def _named_error(self, name: str) -> Reply:
        if name in self._declared.errors:
            return self._declared.errors[name][1]
        names = list(self._declared.errors)
        raise UsageError(
            "double-error",
            f"the double {self.name!r} declares no error {name!r}",
            details=names,
            way_out=_did_you_mean(name, names) or f"declare it with {self.name}.error({name!r}, reply=...)",
        )


def _did_you_mean(wanted: str, known: list[str]) -> str:
    close = difflib.get_close_matches(wanted, known, n=1)
    return f"did you mean {close[0]!r}?" if close else ""
