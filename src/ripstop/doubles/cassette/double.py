"""The double of a cassette: which recorded reply a request gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from ripstop.doubles.cassette.tape import Interaction, read
from ripstop.doubles.double import Double
from ripstop.doubles.ledger import effect_data
from ripstop.doubles.loading import Context
from ripstop.doubles.refusals import Wrong
from ripstop.doubles.shape import differences
from ripstop.model.http import Reply, Request
from ripstop.model.secrets import MASK, mask_json
from ripstop.model.trace import operation_of

_KEY = "idempotency-key"
_INFRASTRUCTURE = frozenset({401, 403, 407, 408, 429})


def make(file: str, context: Context) -> Double:
    """The double of the cassette in a file. Raises UsageError ``cassette-file``."""
    tape = read(context.root / file)
    keyed = any(one.request.header(_KEY) is not None for one in tape)
    double = Double(context.name, idempotency_header=_KEY if keyed else None, state={"played": {}})
    double.samples.extend(one.request for one in tape)
    for operation in dict.fromkeys(operation_of(one.request.method, one.request.target) for one in tape):
        _serve(double, Recorded(double, operation, tuple(_of(tape, operation))))
    return double


@dataclass(frozen=True, slots=True)
class Recorded:
    """The interactions of one operation, in the order in which they were recorded."""

    double: Double
    operation: str
    interactions: tuple[Interaction, ...]

    def check(self, request: Request) -> Wrong | None:
        """Why none of them is like a request: what differs from the nearest."""
        if self._alike(request):
            return None
        return Wrong(min((_differences(one.request, request) for one in self.interactions), key=len))

    def reply(self, request: Request) -> Reply:
        """The next reply to requests like this one; the last one again and again."""
        places = self._alike(request)
        played: dict[str, int] = self.double.state["played"]
        name = f"{self.operation} {places}"
        turn = played.get(name, 0)
        played[name] = turn + 1
        return self.interactions[places[min(turn, len(places) - 1)]].reply

    def effects(self, request: Request, reply: Reply) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The effect written beside the interactions like this one."""
        kinds = [self.interactions[place].effect for place in self._alike(request)]
        if kind := next(filter(None, kinds), None):
            yield kind, effect_data(request, reply)

    def _alike(self, request: Request) -> tuple[int, ...]:
        """The places of those that differ in values at most, and in as few as any of them."""
        ranked = [
            (_closeness(one.request, request), place)
            for place, one in enumerate(self.interactions)
            if not _differences(one.request, request)
        ]
        best = max((rank for rank, _ in ranked), default=None)
        return tuple(place for rank, place in ranked if rank == best)


def _serve(double: Double, recorded: Recorded) -> None:
    double.route(recorded.operation, effect=recorded.effects, check=recorded.check)(recorded.reply)
    for one in recorded.interactions:
        status = one.reply.status
        if status >= 500 or status in _INFRASTRUCTURE:
            double.error_shape(status, one.reply)
        elif status >= 400:
            double.error(_name(one.reply), on=recorded.operation, reply=one.reply)


def _of(tape: Iterable[Interaction], operation: str) -> Iterator[Interaction]:
    return (one for one in tape if operation_of(one.request.method, one.request.target) == operation)


def _differences(recorded: Request, request: Request) -> tuple[str, ...]:
    """What differs in shape: names in the query, fields and types in the body."""
    had, has = _names(recorded), _names(request)
    found = [f"query.{name}: missing" for name in sorted(had - has)]
    found += [f"query.{name}: not recorded" for name in sorted(has - had)]
    if not recorded.body or not request.body:
        if bool(recorded.body) != bool(request.body):
            found.append("body: none was recorded" if request.body else "body: missing")
        return tuple(found)
    own, other = _content(recorded), _content(request)
    if own is not None and other is not None:
        found += differences(_shape(own), other, strict=True)
    elif (own is None) != (other is None):
        found.append(f"body: another form than was recorded, {request.header('content-type')}")
    return tuple(found)


def _closeness(recorded: Request, request: Request) -> tuple[bool, bool, bool]:
    """How alike two requests of one shape are: path, query values, body."""
    return (
        recorded.path == request.path,
        _query(recorded) == _query(request),
        _content(recorded) == mask_json(_content(request)) if request.body else True,
    )


def _shape(value: Any) -> Any:
    """The shape of a recorded value. Nothing is known of what was null, empty or masked."""
    if isinstance(value, dict):
        return {name: _shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    if value is None or (isinstance(value, str) and MASK in value):
        return object
    return float if isinstance(value, float) else type(value)


def _content(request: Request) -> Any:
    """A body's fields where it is JSON or a form, None where it is neither."""
    if "x-www-form-urlencoded" in (request.header("content-type") or ""):
        return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        return request.json()
    except (ValueError, RecursionError):
        return None


def _query(request: Request) -> Any:
    return mask_json(dict(parse_qsl(request.target.partition("?")[2], keep_blank_values=True)))


def _names(request: Request) -> frozenset[str]:
    return frozenset(_query(request))


def _name(reply: Reply) -> str:
    """An error's name: the code its body tells, else its status."""
    try:
        body = reply.json()
    except (ValueError, RecursionError):
        body = None
    while isinstance(body, dict):
        body = next((body[key] for key in ("decline_code", "code", "error", "type") if key in body), None)
    return body if isinstance(body, str) and 0 < len(body) <= 60 else f"status_{reply.status}"
