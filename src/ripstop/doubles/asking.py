"""Asking a server what a double was asked, in the same order, ids of the one put in place of the other's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from ripstop.doubles.double import Double, Heard
from ripstop.doubles.likeness import Difference, compare
from ripstop.errors import StartError
from ripstop.model.http import Reply, Request
from ripstop.model.trace import operation_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REFUSING = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one request. ``left_out`` says why it was not sent, empty where it was."""

    operation: str
    differences: tuple[Difference, ...] = ()
    left_out: str = ""


@dataclass(slots=True)
class Conversation:
    """The same requests to a double and a server. ``unsafe`` admits those that may change something;
    ``unsendable`` says of a request why it cannot be sent."""

    double: Double
    ask: Callable[[Request], Reply]
    unsafe: bool = False
    unsendable: Callable[[Request], str] = lambda _: ""
    _theirs: dict[str, str] = field(default_factory=dict)
    _unmade: set[str] = field(default_factory=set)

    def over(self, heard: Iterable[Heard]) -> Iterator[Asked]:
        """Ask the server each of these and compare. Raises StartError where it does not answer as a server
        that may be asked: no answer, refused credentials, out of order."""
        for one in heard:
            yield self._one(one)

    def _one(self, heard: Heard) -> Asked:
        operation = self._operation(heard.request)
        if left_out := self._left_out(heard.request):
            self._unmade |= {value for _, value in ids(heard.reply)}
            return Asked(operation, left_out=left_out)
        theirs = self.ask(self._swapped(heard.request))
        _usable(operation, heard.reply, theirs)
        self._learn(heard.reply, theirs)
        declared = self.double.judge(heard.request, theirs) if self.double.judge else ()
        optional = self.double.optional
        differing = compare(
            heard.reply,
            theirs,
            optional=(lambda place: optional(heard.request, place)) if optional else lambda _: False,
        )
        told = {difference.text.partition(":")[0] for difference in differing if difference.drift}
        more = [Difference(text) for text in declared if text.partition(":")[0] not in told]
        return Asked(operation, (*differing, *more))

    def _operation(self, request: Request) -> str:
        return self.double.operation(request.method, request.target) or operation_of(
            request.method, request.target
        )

    def _left_out(self, request: Request) -> str:
        if request.method.upper() not in SAFE and not self.unsafe:
            return "it may change something; --unsafe asks it of a sandbox"
        if self._unmade & {unquote(part) for part in request.path.split("/")}:
            return "it is about what a request that was not asked would have made"
        return self.unsendable(request)

    def _learn(self, ours: Reply, theirs: Reply) -> None:
        known = dict(ids(theirs))
        for place, value in ids(ours):
            if place in known and known[place] != value:
                self._theirs.setdefault(value, known[place])

    def _swapped(self, request: Request) -> Request:
        """The request with the server's own ids in it."""
        if not self._theirs:
            return request
        path, _, query = request.target.partition("?")
        parts = (
            quote(self._theirs.get(unquote(part), unquote(part)), safe="~!$&'()*+,;=:@")
            for part in path.split("/")
        )
        target = "/".join(parts)
        if query:
            target += "?" + urlencode(self._pairs(query))
        return Request(request.method, target, request.headers, self._body(request))

    def _body(self, request: Request) -> bytes:
        if "x-www-form-urlencoded" in (request.header("content-type") or ""):
            return urlencode(self._pairs(request.body.decode("utf-8", "replace"))).encode()
        try:
            return json.dumps(self._value(request.json())).encode()
        except (ValueError, RecursionError):
            return request.body

    def _pairs(self, text: str) -> list[tuple[str, str]]:
        return [
            (name, self._theirs.get(value, value)) for name, value in parse_qsl(text, keep_blank_values=True)
        ]

    def _value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: self._value(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._value(one) for one in value]
        return self._theirs.get(value, value) if isinstance(value, str) else value


def accepted(double: Double, heard: Iterable[Heard]) -> list[Heard]:
    """The first call of each operation that went well, in their order."""
    found: dict[str, Heard] = {}
    for one in heard:
        operation = double.operation(one.request.method, one.request.target)
        if 200 <= one.reply.status < 300:
            found.setdefault(operation or operation_of(one.request.method, one.request.target), one)
    return list(found.values())


def sampled(double: Double) -> list[Heard]:
    """The double's samples and what it answers to them."""
    double.reset()
    return [Heard(request, double.respond(request)) for request in double.samples]


def ids(reply: Reply) -> Iterator[tuple[str, str]]:
    """Places and values of a body's ids: what later requests may name."""
    try:
        body = reply.json()
    except (ValueError, RecursionError):
        return
    yield from _ids(body, "")


def _ids(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            if _names_an_id(name) and isinstance(one, str | int) and not isinstance(one, bool):
                yield f"{place}/{name}", str(one)
            else:
                yield from _ids(one, f"{place}/{name}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _ids(one, f"{place}/{number}")


def _names_an_id(name: str) -> bool:
    return name.lower() in ("id", "uuid", "sid", "key") or name.endswith(("_id", "Id", "_uuid", "_sid"))


def _usable(operation: str, ours: Reply, theirs: Reply) -> None:
    if theirs.status in _REFUSING and ours.status not in _REFUSING:
        raise StartError(
            "upstream-refused",
            f"the server refuses who asks: {theirs.status} to {operation}",
            way_out="give it credentials: --header 'Authorization: Bearer ...'",
        )
    if theirs.status != ours.status and (theirs.status == 429 or theirs.status >= 500):
        raise StartError(
            "upstream-unwell",
            f"the server is not in order: {theirs.status} to {operation}",
            way_out="try again later",
        )
