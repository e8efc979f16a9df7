"""A recorded request taken apart into its values, each with a place; and which differ between runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from ripstop.backfill.encode import CannotRender
from ripstop.model.http import Request
from ripstop.model.secrets import mask_text, secret_name

BODY_LIMIT = 6_000
_LEAVES_LIMIT = 500
_OWN_HEADERS = frozenset(
    {
        "host",
        "accept-encoding",
        "connection",
        "user-agent",
        "content-length",
        "content-type",
        "transfer-encoding",
    }
)
_FRESH_LOOKS = re.compile(
    r"^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*)$",
    re.IGNORECASE,
)

Place = tuple[str, str]
"""``("json", "/items/0/sku")``, ``("path", "2")``, ``("query", "1")``, ``("header", "x-tenant")``,
``("form", "0")``, ``("content", "")``."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a request: where it stands, the field's name, what it is."""

    place: Place
    name: str
    value: Any

    @property
    def secret(self) -> bool:
        """Whether it must not be written down."""
        if self.place[0] in ("path", "json") and not isinstance(self.value, str | int):
            return False
        text = str(self.value)
        named = secret_name(self.name) and not isinstance(self.value, bool) and text != ""
        return named or mask_text(text) != text


def leaves(request: Request) -> list[Leaf]:
    """Every value of a request that could differ from run to run. Raises CannotRender."""
    found = [*_target(request.target), *_headers(request), *_body(request)]
    if len(found) > _LEAVES_LIMIT:
        raise CannotRender(f"a request of {len(found)} values is too long for a readable test")
    return found


def json_leaves(value: Any, at: str = "", name: str = "") -> Iterator[tuple[str, str, Any]]:
    """(JSON pointer, field name, value) of every value that holds no other; empty containers count."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            token = str(key).replace("~", "~0").replace("/", "~1")
            yield from json_leaves(inner, f"{at}/{token}", str(key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from json_leaves(inner, f"{at}/{index}", name)
    else:
        yield at, name, value


def body_json(request: Request) -> Any:
    """The body as JSON where it says it is; None where it is none."""
    if not request.body or "json" not in (request.header("content-type") or ""):
        return None
    try:
        return request.json()
    except (ValueError, RecursionError):
        return None


def form(request: Request) -> list[tuple[str, str]] | None:
    """The fields of a form; None where the body is none, or repeats a field."""
    if "x-www-form-urlencoded" not in (request.header("content-type") or ""):
        return None
    fields = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return fields if len({name for name, _ in fields}) == len(fields) else None


def differing(request: Request, others: Iterable[Request]) -> frozenset[Place]:
    """The places whose values are not the same in every run."""
    mine = {leaf.place: leaf.value for leaf in leaves(request)}
    found: set[Place] = set()
    for other in others:
        theirs = {leaf.place: leaf.value for leaf in leaves(other)}
        found |= {place for place, value in mine.items() if place in theirs and theirs[place] != value}
    return frozenset(found)


def looks_fresh(value: Any) -> bool:
    """Whether a text looks made for one occasion: a UUID, a long hex id, a time."""
    return isinstance(value, str) and bool(_FRESH_LOOKS.match(value))


def extra_headers(request: Request) -> list[tuple[str, str]]:
    """The headers that the test's author chose, in order."""
    return [
        (name, value)
        for name, value in request.headers
        if name.lower() not in _OWN_HEADERS and (name.lower(), value) != ("accept", "*/*")
    ]


def pieces(target: str) -> list[tuple[Place | None, str]]:
    """A request target cut into fixed text and the values in it, as they were sent."""
    path, question, query = target.partition("?")
    found: list[tuple[Place | None, str]] = []
    for index, segment in enumerate(path.split("/")):
        found += [(None, "/")] if index else []
        found += [(("path", str(index)), segment)] if segment else []
    found += [(None, "?")] if question else []
    for index, pair in enumerate(query.split("&") if query else []):
        name, equals, value = pair.partition("=")
        found += [(None, ("&" if index else "") + name + equals)]
        found += [(("query", str(index)), value)] if value else []
    return found


def _target(target: str) -> Iterator[Leaf]:
    name = ""
    for place, text in pieces(target):
        if place is None:
            name = text.strip("&=")
        else:
            yield Leaf(place, name if place[0] == "query" else "", unquote(text))


def _headers(request: Request) -> Iterator[Leaf]:
    for name, value in extra_headers(request):
        yield Leaf(("header", name.lower()), name, value)


def _body(request: Request) -> Iterator[Leaf]:
    if len(request.body) > BODY_LIMIT:
        raise CannotRender(f"its request body of {len(request.body):,} bytes is too long for a readable test")
    content = body_json(request)
    fields = form(request)
    if content is not None:
        for at, name, value in json_leaves(content):
            yield Leaf(("json", at), name, value)
    elif fields is not None:
        for index, (name, value) in enumerate(fields):
            yield Leaf(("form", str(index)), name, value)
    elif request.body:
        yield Leaf(("content", ""), "", _text(request))


def _text(request: Request) -> str:
    kind = request.header("content-type") or ""
    if kind.startswith("multipart/"):
        raise CannotRender("its request is multipart, which is not written as a test yet")
    try:
        return request.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CannotRender("its request body is binary") from error


def dumped(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
