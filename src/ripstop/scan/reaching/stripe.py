"""Stripe's packages for Python and Node: the route of its API behind a method (docs.stripe.com/api)."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Reach
from ripstop.model.trace import Kind
from ripstop.scan.code import Call, Codebase, Shape, Value
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import last, root, snake
from ripstop.scan.reaching.values import is_open, stated

HOST = "api.stripe.com"
_PLAIN = {"create": "POST", "list": "GET", "search": "GET", "auto_paging_iter": "GET"}
_OF_ONE = {"retrieve": "GET", "modify": "POST", "update": "POST", "delete": "DELETE", "del": "DELETE"}
_ACTIONS = frozenset(
    {
        *(
            "cancel",
            "capture",
            "confirm",
            "attach",
            "detach",
            "expire",
            "finalize_invoice",
            "pay",
            "void_invoice",
        ),
        *("send_invoice", "close", "reject", "approve", "resume", "release", "reverse", "mark_uncollectible"),
    }
)
_PATHS = {"finalize_invoice": "finalize", "void_invoice": "void", "send_invoice": "send"}
_ONE = frozenset({"balance"})
_UNLIKE = {"invoice_items": "invoiceitems", "dispute": "disputes", "country_specs": "country_specs"}
_SKIPPED = frozenset({"stripe", "StripeClient", "Stripe", "v1", "v2", "default", "AsyncStripeClient"})
_ASYNC = "_async"
METHODS = frozenset(
    word
    for name in (*_PLAIN, *_OF_ONE, *_ACTIONS)
    for word in (
        name,
        name + _ASYNC,
        "".join((name.split("_")[0], *(p.title() for p in name.split("_")[1:]))),
    )
)


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """The request a method of the package makes."""
    if root(call.name) not in ("stripe", "Stripe"):
        return
    parts = [part for part in call.name.split(".")[:-1] if part not in _SKIPPED]
    verb = snake(last(call.name)).removesuffix(_ASYNC)
    if not parts or not (operation := _operation([_resource(part) for part in parts], verb, parts)):
        return
    changes = not operation.startswith("GET")
    yield Reach(
        "http",
        operation,
        Kind.CALL,
        call.place,
        target=HOST,
        client="stripe",
        sureness=call.sureness,
        effect=changes,
        timeout=_waits(call, code),
        key=_key(call, code) if changes else None,
    )


def _resource(part: str) -> str:
    word = snake(part)
    if part[:1].isupper() and word not in _ONE and not word.endswith("s"):
        word = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return _UNLIKE.get(word, word)


def _operation(resources: list[str], verb: str, parts: list[str]) -> str:
    path = "/v1/" + "/".join(resources)
    if any(
        part in ("Webhook", "webhooks", "error", "errors", "http_client", "api_requestor") for part in parts
    ):
        return ""
    if verb in _PLAIN:
        return f"{_PLAIN[verb]} {path}" + ("/search" if verb == "search" else "")
    if verb in _OF_ONE:
        return f"{_OF_ONE[verb]} {path}" + ("" if resources[-1] in _ONE else "/{id}")
    if verb == "cancel" and resources == ["subscriptions"]:
        return f"DELETE {path}/{{id}}"
    return f"POST {path}/{{id}}/{_PATHS.get(verb, verb)}" if verb in _ACTIONS else ""


def _key(call: Call, code: Codebase) -> bool | None:
    """Whether an idempotency key of the caller's own is given: by name, or among the options."""
    given = stated(call, code, "idempotency_key", "idempotencyKey")
    if given is None:
        nested = stated(call, code, "options")
        given = nested.get("idempotency_key") or nested.get("idempotencyKey") if nested is not None else None
    if given is not None:
        return given.shape is not Shape.NOTHING
    return None if is_open(call) else False


def _waits(call: Call, code: Codebase) -> bool | None:
    """True where a limit is stated, by the call or its client. The packages' own is 80 s: not told."""
    if stated(call, code, "timeout") is not None:
        return True
    owner = known(code).resolve(call.owner)
    made = [owner, *(_arguments(one) for one in known(code).clients.get("stripe.StripeClient", ()))]
    return True if any(_says_timeout(value) for value in made) else None


def _arguments(call: Call) -> Value:
    return Value(Shape.CALL, call.name, tuple((given.name, given.value) for given in call.arguments))


def _says_timeout(value: Value, depth: int = 0) -> bool:
    if depth > 4:
        return False
    return any(name == "timeout" or _says_timeout(item, depth + 1) for name, item in value.items)
