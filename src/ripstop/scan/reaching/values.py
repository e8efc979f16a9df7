"""Arguments as words: the text behind a value, and an address taken apart into who is asked and for what."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ripstop.scan.code import Call, Codebase, Shape, Value
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import last

_DEPTH_LIMIT = 6
_NAMES_LIMIT = 60
OWNER = "."
"""The item of a call or an instance that is the value it was called on."""
_WRAPPERS = frozenset(
    {"text", "sql", "SQL", "raw", "str", "URL", "dedent", "strip", "HttpUrl", "AnyUrl", "Literal", "literal"}
)
_ANYTHING = frozenset({"str", "string", "String", "object", "typing.Any", "typing.LiteralString"})
_JOINERS = frozenset({"urljoin", "join"})
_HOLE = re.compile(r"\{([^{}]*)\}")
_FIRST_HOLE = re.compile(r"^\{([^{}]*)\}")
_ADDRESS = re.compile(r"^[a-zA-Z][a-zA-Z+.-]*://(?P<host>[^/?#]*)(?P<path>[^?#]*)")


@dataclass(frozen=True, slots=True)
class Address:
    """``host`` is a host, or ``$NAME`` where a setting holds it; ``path`` starts with a slash or is empty."""

    host: str = ""
    path: str = ""


def text_of(value: Value | None, code: Codebase, depth: int = 0) -> str | None:
    """The text behind a value, its holes as ``{name}``; None where it cannot be seen."""
    if value is None or depth > _DEPTH_LIMIT:
        return None
    value = known(code).resolve(value)
    if value.shape is Shape.TEXT:
        return value.text
    if value.shape is Shape.SETTING:
        return f"{{{value.text}}}"
    if value.shape in (Shape.CALL, Shape.INSTANCE) and value.items:
        return _made(value, code, depth + 1)
    return None


def _made(value: Value, code: Codebase, depth: int) -> str | None:
    word = last(value.text)
    parts = [text_of(item, code, depth) for name, item in value.items if name in ("0", "1", "")]
    if word in _JOINERS and len(parts) > 1 and parts[0] is not None:
        return parts[0].rstrip("/") + "/" + (parts[1] or "{path}").lstrip("/")
    if word == "URL" and len(parts) > 1 and parts[1] is not None:
        return parts[1].rstrip("/") + "/" + (parts[0] or "{path}").lstrip("/")
    return parts[0] if parts and word in _WRAPPERS else None


def address_of(value: Value | None, code: Codebase) -> Address | None:
    """Who is asked, and for which path. None where the value tells neither."""
    text = text_of(value, code)
    if text is None:
        if value is not None and value.shape in (Shape.NAME, Shape.UNKNOWN) and value.text:
            return Address(f"${last(value.text)}" if last(value.text).isupper() else "", "/{path}")
        return None
    return taken_apart(text, code)


def taken_apart(text: str, code: Codebase) -> Address:
    """An address's text as host and path.

    A hole at its beginning is the host: ``{PAYMENTS_URL}/v1/charges``.
    """
    text = _filled(text.strip(), code)
    if found := _ADDRESS.match(text):
        return Address(_host(found["host"]), found["path"])
    if hole := _FIRST_HOLE.match(text):
        rest = text[hole.end() :].partition("?")[0]
        path = rest if rest.startswith("/") or not rest else f"/{rest}"
        return Address(f"${last(hole[1])}", path or "/{path}")
    path = text.partition("?")[0]
    return Address("", path if path.startswith("/") else f"/{path}")


def _filled(text: str, code: Codebase) -> str:
    """A hole at the beginning replaced by the constant of its name, where there is one."""
    for _ in range(_DEPTH_LIMIT):
        hole = _FIRST_HOLE.match(text)
        value = known(code).constant(hole[1]) if hole else None
        meant = text_of(value, code) if value is not None else None
        if hole is None or meant is None or meant == hole[0]:
            break
        text = meant + text[hole.end() :]
    return text


def _host(written: str) -> str:
    """``$NAME`` for a host that is one hole, its port dropped; a host with a part of its own as it is."""
    host = written.rpartition("@")[2].strip()
    if hole := _FIRST_HOLE.match(host):
        return f"${last(hole[1])}" if host[hole.end() :].partition(":")[0] == "" else host
    return host.partition(":")[0].lower() if ":" in host else host.lower()


def holes_as_ids(path: str) -> str:
    """A path whose variable segments read as a trace has them.

    >>> holes_as_ids("/orders/{order.id}/lines")
    '/orders/{id}/lines'
    """
    return "/".join("{id}" if _HOLE.search(part) else part for part in path.split("/"))


def symbols(value: Value | None) -> tuple[str, ...]:
    """Every name in a value, outermost first: of classes, columns and variables."""
    found: list[str] = []
    waiting = [value] if value is not None else []
    while waiting and len(found) < _NAMES_LIMIT:
        one = waiting.pop()
        if one.shape in (Shape.NAME, Shape.INSTANCE, Shape.CALL) and one.text:
            found.append(one.text)
        waiting += [item for _, item in reversed(one.items)]
    return tuple(found)


def chain(value: Value) -> tuple[Value, ...]:
    """A value built call by call, the first call first: ``select(User)``, ``.where(...)``, ``.limit(1)``."""
    found = [value]
    while (inner := found[-1].get(OWNER)) is not None and len(found) < _NAMES_LIMIT:
        found.append(inner)
    return tuple(reversed(found))


def positional(call: Call, position: int) -> Value | None:
    """The argument at that position among those given without a name, from 0."""
    given = [argument.value for argument in call.arguments if not argument.name]
    return given[position] if position < len(given) else None


def options(call: Call, code: Codebase) -> tuple[Value, ...]:
    """The mappings among a call's arguments, in order: JavaScript's way of naming arguments."""
    given = (known(code).resolve(argument.value) for argument in call.arguments)
    return tuple(value for value in given if value.shape is Shape.MAPPING)


def is_unknown(value: Value) -> bool:
    """Nothing is known of a value, or only that it is some text."""
    return value.shape is Shape.UNKNOWN or (value.shape is Shape.INSTANCE and value.text in _ANYTHING)


def stated(call: Call, code: Codebase, *names: str) -> Value | None:
    """An argument by any of these names: given by name, or in a mapping among the arguments."""
    for name in names:
        if (found := call.argument(name)) is not None:
            return found
    for value in options(call, code):
        for name in names:
            if (found := value.get(name)) is not None:
                return found
    return None


def is_open(call: Call) -> bool:
    """Whether arguments were unpacked into a call, so that what is missing may be in them."""
    return any(argument.name in ("*", "**") for argument in call.arguments)
