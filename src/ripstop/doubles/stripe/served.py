"""A route of the Stripe double: what it takes, what it does, and how both become a request and a reply."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ripstop.doubles.double import Double
from ripstop.doubles.refusals import Wrong
from ripstop.doubles.stripe.books import MODERN, Books, Object
from ripstop.doubles.stripe.errors import Problem, invalid
from ripstop.doubles.stripe.forms import parameters
from ripstop.doubles.stripe.params import Accepts, accepts, hashed, text, whole
from ripstop.model.http import Reply, Request

Given = dict[str, Any]
Serve = Callable[[Books, Given, str], Object]
"""Takes the account, the parameters by meaning and the path's id; the object that answers."""

PAGE = {"limit": whole, "starting_after": text, "ending_before": text}
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Served:
    """One route. ``accepts`` are its parameters."""

    pattern: str
    serve: Serve
    accepts: Accepts = field(default_factory=accepts)


def listing(typed: Mapping[str, Any] | None = None, others: str = "") -> Accepts:
    """A list's parameters: the page's own and those that filter."""
    return accepts(typed={**PAGE, "created": _when, **(typed or {})}, others=others)


def in_time(given: Given) -> Callable[[Object], bool]:
    """The filter ``created`` asks for: a time, or ``gt``, ``gte``, ``lt``, ``lte``."""
    wanted = given.get("created")
    if wanted is None:
        return lambda _: True
    if isinstance(wanted, int):
        return lambda one: bool(one["created"] == wanted)
    tests: dict[str, Callable[[int, int], bool]] = {
        "gt": lambda a, b: a > b,
        "gte": lambda a, b: a >= b,
        "lt": lambda a, b: a < b,
        "lte": lambda a, b: a <= b,
    }
    bounds = {name: whole(value, f"created[{name}]") for name, value in wanted.items()}
    return lambda one: all(
        tests[name](one["created"], bound) for name, bound in bounds.items() if name in tests
    )


def matching(given: Given, *names: str) -> Callable[[Object], bool]:
    """The filter of parameters that must equal the fields of their names; and of ``created``."""
    timely = in_time(given)
    wanted = {name: given[name] for name in names if name in given}
    return lambda one: timely(one) and all(one.get(name) == value for name, value in wanted.items())


def register(double: Double, books: Books, served: Served) -> None:
    """Put a route into the double."""

    def check(request: Request) -> Wrong | None:
        try:
            _authorised(request)
            served.accepts.read(_parameters(request))
        except Problem as problem:
            return Wrong((problem.message,), _dressed(problem.reply(), request))
        return None

    def handler(request: Request, **path: str) -> Reply:
        books.version = request.header("stripe-version") or MODERN
        books.done.clear()
        try:
            given = served.accepts.read(_parameters(request))
            paths = given.pop("expand", ())
            answer = books.expanded(served.serve(books, given, path.get("id", "")), paths)
        except Problem as problem:
            return _dressed(problem.reply(), request)
        return _dressed(Reply.of(200, answer), request)

    double.route(served.pattern, effect=books.take_done, check=check)(handler)


def _authorised(request: Request) -> None:
    scheme, _, key = (request.header("authorization") or "").partition(" ")
    if scheme.lower() not in ("bearer", "basic") or not key.strip():
        raise Problem(
            401,
            "invalid_request_error",
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )


def _parameters(request: Request) -> dict[str, Any]:
    kind = request.header("content-type") or ""
    if request.body and "json" in kind:
        raise invalid(
            "Invalid request (check that your POST content type is application/x-www-form-urlencoded). "
            "If you have questions, we can help at https://support.stripe.com/."
        )
    try:
        return parameters(request)
    except ValueError as error:
        raise invalid(f"Invalid request: {error}") from None


def _when(value: Any, name: str) -> int | dict[str, Any]:
    return whole(value, name) if isinstance(value, str) else hashed(value, name)


def _dressed(reply: Reply, request: Request) -> Reply:
    extra = [("request-id", f"req_{next(_numbers):014d}")]
    echoed = ((name, request.header(name)) for name in ("stripe-version", "idempotency-key"))
    extra += [(name, value) for name, value in echoed if value]
    return Reply(reply.status, reply.body, (*reply.headers, *extra))
