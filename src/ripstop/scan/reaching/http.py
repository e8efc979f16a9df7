"""Requests by HTTP clients: whom they ask for what, with which time-out and which idempotency key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ripstop.model.survey import Reach, Sureness
from ripstop.model.trace import Kind, operation_of
from ripstop.scan.code import UNKNOWN, Call, Codebase, Shape, Value
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import last, root
from ripstop.scan.reaching.values import (
    Address,
    address_of,
    holes_as_ids,
    is_open,
    options,
    positional,
    stated,
    taken_apart,
    text_of,
)

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_FREE = frozenset({"request", "urlopen", "fetch", "stream", "send", "$fetch", "ofetch", "del"})
_WHOLE = frozenset({"axios", "got", "ky", "fetch", "node-fetch", "superagent", "needle"})
"""Called themselves: ``axios({url})``, ``got(url)``."""
METHODS = _VERBS | _FREE | _WHOLE
_OWNERS = frozenset(
    {
        *("Session", "session", "sessions", "api", "Client", "AsyncClient", "ClientSession", "PoolManager"),
        *("create", "extend", "default", "request", "AxiosInstance", "client", "fetch", "Got", "agent"),
    }
)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_KEYS = ("idempotency-key", "x-idempotency-key", "idempotencykey", "x-request-id", "paypal-request-id")


@dataclass(frozen=True, slots=True)
class _Library:
    """``waits`` are the names by which a limit is stated; ``bounded`` where there is one by default."""

    waits: tuple[str, ...] = ("timeout",)
    bounded: bool = False
    base: tuple[str, ...] = ("base_url", "baseURL", "prefixUrl")


_SIGNAL = _Library(("signal", "timeout"))
_LIBRARIES = {
    "requests": _Library(),
    "httpx": _Library(bounded=True),
    "aiohttp": _Library(),
    "urllib3": _Library(),
    "urllib": _Library(),
    "axios": _SIGNAL,
    "got": _SIGNAL,
    "ky": _Library(("signal", "timeout"), bounded=True),
    "superagent": _SIGNAL,
    "needle": _Library(("response_timeout", "read_timeout", "timeout")),
    **dict.fromkeys(("fetch", "node-fetch", "undici", "cross-fetch", "$fetch", "ofetch"), _SIGNAL),
    **dict.fromkeys(("globalThis", "window", "http", "https", "node:http", "node:https"), _SIGNAL),
}
_PLAIN = frozenset({"http", "https", "node:http", "node:https"})
_CONNECTIONS = ("http.client.HTTPConnection.", "http.client.HTTPSConnection.")
"""Python's own, of the same name as Node's."""
_BY_OPTIONS = frozenset(
    {"axios", "undici", "http", "https", "node:http", "node:https", "superagent", "needle"}
)
"""Their ``request`` takes the method among options, not before the address."""
_PYTHON = frozenset({"requests", "httpx", "aiohttp", "urllib", "urllib3"})
_WHERE = ("url", "uri", "URL")


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """The request a call makes."""
    library = root(call.name)
    how = _LIBRARIES.get(library)
    if how is None or not _is_client(call.name):
        yield from _by_address(call, code)
        return
    method, address = _asked(call, code)
    if not method:
        return
    base = _base(call, code, how)
    if address is None:
        address = Address("", "/{path}")
    yield _reach(call, method, _joined(base, address), _waits(call, code, how), _key(call, code))


def _is_client(name: str) -> bool:
    """Whether a call is one of the library itself or of a client of its, and not of an answer."""
    parts = name.split(".")
    if parts[0] == "urllib":
        return parts[-1] == "urlopen"
    if parts[0] in _PLAIN:
        return len(parts) == 2 or name.startswith(_CONNECTIONS)
    return all(part in _OWNERS for part in parts[1:-1])


def _by_address(call: Call, code: Codebase) -> Iterator[Reach]:
    """Asked of something unknown, but with a whole address: only HTTP clients take those."""
    verb = last(call.name)
    text = text_of(call.argument("url", 0), code) if root(call.name) == UNKNOWN and verb in _VERBS else None
    if text and text.startswith(("http://", "https://")):
        yield _reach(call, verb.upper(), taken_apart(text, code), None, _key(call, code), Sureness.GUESS)


def _asked(call: Call, code: Codebase) -> tuple[str, Address | None]:
    """The method and the address; an empty method where the call asks nobody."""
    verb, library = last(call.name), root(call.name)
    if verb in _VERBS or verb == "del":
        return ("DELETE" if verb == "del" else verb.upper()), _address(call, code, 0)
    if verb == "urlopen":
        return _opened(call, code)
    if verb in ("request", "stream") and _names_method(call) and _named_method(call, code):
        return _named_method(call, code), _address(call, code, 1)
    if verb == "send" and library not in ("httpx", "requests"):
        return "", None
    if verb in ("send", "stream"):
        return _prepared(call, code)
    return (_option_method(call, code) or "GET"), _address(call, code, 0)


def _names_method(call: Call) -> bool:
    return root(call.name) not in _BY_OPTIONS or call.name.startswith(_CONNECTIONS)


def _named_method(call: Call, code: Codebase) -> str:
    """The method given as the first argument: ``request("POST", url)``."""
    text = text_of(call.argument("method", 0), code)
    if text and text.upper() in {*map(str.upper, _VERBS)}:
        return text.upper()
    second = call.argument("url", 1)
    return "" if text or second is None or second.shape is Shape.MAPPING else "ANY"


def _option_method(call: Call, code: Codebase) -> str:
    value = stated(call, code, "method")
    text = text_of(value, code)
    if text and "{" not in text:
        return text.upper()
    return "ANY" if value is not None else ""


def _opened(call: Call, code: Codebase) -> tuple[str, Address | None]:
    """``urlopen``: of an address, or of a Request, which posts where it has data."""
    first = call.argument("url", 0)
    resolved = known(code).resolve(first) if first is not None else None
    if resolved is None or resolved.shape not in (Shape.CALL, Shape.INSTANCE):
        data = call.argument("data", 1)
        return ("GET" if data is None or data.shape is Shape.NOTHING else "POST"), address_of(first, code)
    method = text_of(resolved.get("method"), code)
    has_data = resolved.get("data") is not None or resolved.get("1") is not None
    address = address_of(resolved.get("url") or resolved.get("0"), code)
    return (method or ("POST" if has_data else "GET")).upper(), address


def _prepared(call: Call, code: Codebase) -> tuple[str, Address | None]:
    """``send(request)``, where the request was built in sight."""
    value = call.argument("request", 0)
    if value is None or not value.items:
        return "", None
    method = text_of(value.get("method") or value.get("0"), code)
    return (method or "ANY").upper(), address_of(value.get("url") or value.get("1"), code)


def _address(call: Call, code: Codebase, position: int) -> Address | None:
    given = next(filter(None, (call.argument(name) for name in _WHERE)), None)
    given = given or positional(call, position)
    if given is not None and known(code).resolve(given).shape is Shape.MAPPING:
        return _of_options(known(code).resolve(given), code)
    return address_of(given, code)


def _of_options(value: Value, code: Codebase) -> Address | None:
    """``{url}``, or ``{hostname, path}`` as Node's own client takes them."""
    if where := next(filter(None, map(value.get, _WHERE)), None):
        return address_of(where, code)
    path = text_of(value.get("path") or value.get("pathname"), code) or "/"
    host = text_of(value.get("hostname") or value.get("host"), code)
    return Address(taken_apart(f"https://{host}", code).host if host else "", path.partition("?")[0])


def _base(call: Call, code: Codebase, how: _Library) -> Address:
    """The address that a client puts before what it is asked for."""
    for value in _made_by(call, code):
        for name in how.base:
            if (given := value.get(name)) is not None:
                return _start(address_of(given, code))
        first = value.get("0")
        if last(value.text) == "ClientSession" and first is not None:
            return _start(address_of(first, code))
        if value.text.startswith("http.client.") and first is not None:
            return Address(taken_apart(f"https://{text_of(first, code) or ''}", code).host)
    return Address()


def _start(address: Address | None) -> Address:
    """An address that others are put behind: a setting alone has no path of its own."""
    if address is None:
        return Address()
    return Address(address.host, address.path.removesuffix("/{path}"))


def _made_by(call: Call, code: Codebase) -> tuple[Value, ...]:
    """How the client a call is made on came to be: its own making, else all of its class."""
    owner = known(code).resolve(call.owner)
    made = [owner] if owner.items else []
    kind = call.name.rpartition(".")[0]
    kind = {"axios": "axios.create", "got": "got.extend", "ky": "ky.create"}.get(kind, kind)
    if not made and (owner.shape is Shape.INSTANCE or (owner.shape is Shape.UNKNOWN and "." in kind)):
        made = [_as_value(one) for one in known(code).clients.get(kind, ())]
    return tuple(
        inner for value in made for inner in (value, *(item for _, item in value.items if item.items))
    )


def _as_value(call: Call) -> Value:
    numbers = iter(range(len(call.arguments)))
    items = tuple((given.name or str(next(numbers)), given.value) for given in call.arguments)
    return Value(Shape.CALL, call.name, items)


def _joined(base: Address, address: Address) -> Address:
    if address.host:
        return address
    return Address(base.host, base.path.rstrip("/") + address.path)


def _waits(call: Call, code: Codebase, how: _Library) -> bool | None:
    """Whether a limit is stated: by the call, else by its client, else by the library."""
    given = stated(call, code, *how.waits)
    if given is not None:
        return given.shape is not Shape.NOTHING
    if is_open(call):
        return None
    for value in _made_by(call, code):
        for name in how.waits:
            if (found := value.get(name)) is not None:
                return found.shape is not Shape.NOTHING
    return how.bounded


def _key(call: Call, code: Codebase) -> bool | None:
    """Whether a header tells the receiver which action this is, however often it is asked."""
    given = stated(call, code, "headers")
    if given is None:
        python = root(call.name) in _PYTHON or call.name.startswith(_CONNECTIONS)
        hidden = not python and _hidden_options(call, code)
        return None if is_open(call) or hidden else False
    value = known(code).resolve(given)
    if _names_key(value):
        return True
    return False if value.shape is Shape.MAPPING and not _spreads(value) else None


def _names_key(value: Value) -> bool:
    return any(name.lower() in _KEYS or _names_key(item) for name, item in value.items)


def _spreads(value: Value) -> bool:
    return any(name in ("**", "*", "...") for name, _ in value.items)


def _hidden_options(call: Call, code: Codebase) -> bool:
    """Whether a JavaScript client was given options that cannot be read."""
    last_one = call.arguments[-1].value if len(call.arguments) > 1 else None
    return last_one is not None and not call.arguments[-1].name and not options(call, code)


def _reach(
    call: Call,
    method: str,
    address: Address,
    timeout: bool | None,
    key: bool | None,
    sureness: Sureness | None = None,
) -> Reach:
    sure = sureness or call.sureness
    if "{path}" in address.path or method == "ANY":
        sure = Sureness.GUESS
    changes = method not in _SAFE
    library = root(call.name)
    return Reach(
        "http",
        operation_of(method, holes_as_ids_but_last(address.path or "/")),
        Kind.CALL,
        call.place,
        target=address.host,
        client="" if library == UNKNOWN else library,
        sureness=sure,
        effect=changes,
        timeout=timeout,
        key=key if changes else None,
    )


def holes_as_ids_but_last(path: str) -> str:
    """As ``holes_as_ids``, but a path unknown from somewhere on stays told as ``{path}``."""
    before, mark, _ = path.partition("{path}")
    return holes_as_ids(before) + mark
