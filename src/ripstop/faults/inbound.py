"""The caller's request taken apart and changed: fields of JSON and form bodies, ids in paths, headers.

Pure. A place is a JSON pointer (RFC 6901) into the body, ``/name`` for a form's field, or ``path:2``
for the second segment of the path.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode
from uuid import UUID, uuid5

from ripstop.model.fault import Commands, Forward, Replace
from ripstop.model.http import Headers, Request
from ripstop.model.trace import operation_of

MOST_FIELDS = 40
_DEEPEST = 4
_BODY_LIMIT = 65_536


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body: its place, its name, its value (a list or an object as well as a plain one)."""

    place: str
    name: str
    value: Any

    @property
    def plain(self) -> bool:
        return not isinstance(self.value, dict | list)


def fields(request: Request | None) -> tuple[Field, ...]:
    """The fields of a JSON object or a form, at most forty; of a list only the first element's."""
    if request is None or not request.body or len(request.body) > _BODY_LIMIT:
        return ()
    if is_form(request):
        pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        return tuple(Field(f"/{_token(name)}", name, value) for name, value in pairs)[:MOST_FIELDS]
    return tuple(_inside(_content(request), "", 0))[:MOST_FIELDS]


def is_form(request: Request) -> bool:
    return "x-www-form-urlencoded" in (request.header("content-type") or "")


def with_value(request: Request, place: str, value: Any) -> Request | None:
    """The request with one field's value replaced; None where it has no such field."""
    return _changed(request, place, [value])


def without(request: Request, place: str) -> Request | None:
    """The request with one field left out; None where it has no such field."""
    return _changed(request, place, [])


def without_headers(request: Request, names: Collection[str]) -> Request:
    wanted = {name.lower() for name in names}
    return replace(request, headers=tuple(h for h in request.headers if h[0].lower() not in wanted))


def with_headers(request: Request, headers: Headers) -> Request:
    """The request with these headers in place of its own of the same names."""
    bare = without_headers(request, [name for name, _ in headers])
    return replace(bare, headers=(*bare.headers, *headers))


def with_fresh_key(request: Request, key: str) -> Request:
    """The request under an idempotency key of its own (``key`` as ``header:X`` or ``body:x``)."""
    where, _, name = key.partition(":")
    if where == "header" and (value := request.header(name)):
        return with_headers(request, ((name, _other(value)),))
    place = f"/{_token(name)}"
    value = next((one.value for one in fields(request) if where == "body" and one.place == place), None)
    changed = with_value(request, place, _other(str(value))) if value else None
    return changed or request


def path_ids(request: Request | None) -> tuple[str, ...]:
    """The places of ids in a path, ``path:2`` for ``/orders/42``."""
    if request is None:
        return ()
    shape = operation_of("GET", request.target).partition(" ")[2].split("/")
    return tuple(f"path:{index}" for index, segment in enumerate(shape) if segment == "{id}")


def path_value(request: Request, place: str) -> str | None:
    """The segment at a place of the path, decoded; None where the path is shorter."""
    segments = request.path.split("/")
    index = int(place.removeprefix("path:"))
    return unquote(segments[index]) if index < len(segments) else None


def with_path(request: Request, place: str, value: str) -> Request:
    path, question, query = request.target.partition("?")
    segments = path.split("/")
    segments[int(place.removeprefix("path:"))] = quote(value, safe="")
    return replace(request, target=f"{'/'.join(segments)}{question}{query}")


def sent(request: Request | None) -> Commands:
    """The command that sends another request in the recorded one's place; none where there is no other."""
    return (Replace(request),) if request is not None else (Forward(),)


def _other(value: str) -> str:
    try:
        return str(uuid5(UUID(value), "other"))
    except ValueError:
        return f"{value}-other"


def _changed(request: Request, place: str, instead: list[Any]) -> Request | None:
    """The value at a place replaced by the one in the list, or taken out where the list is empty."""
    if is_form(request):
        return _changed_form(request, place, instead)
    content = _content(request)
    *way, last = [_plain(token) for token in place.split("/")[1:]] or [""]
    inner = content
    for token in way:
        inner = _member(inner, token)
    if _member(inner, last) is _NOTHING:
        return None
    key: Any = int(last) if isinstance(inner, list) else last
    if instead:
        inner[key] = instead[0]
    else:
        del inner[key]
    return _with_body(request, json.dumps(content, ensure_ascii=False).encode())


def _changed_form(request: Request, place: str, instead: list[Any]) -> Request | None:
    pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    name = _plain(place.removeprefix("/"))
    if name not in dict(pairs):
        return None
    changed = [(n, instead[0] if n == name else v) for n, v in pairs if n != name or instead]
    return _with_body(request, urlencode(changed).encode())


_NOTHING: Any = object()


def _member(inner: Any, token: str) -> Any:
    if isinstance(inner, dict):
        return inner.get(token, _NOTHING)
    if isinstance(inner, list) and token.isdigit() and int(token) < len(inner):
        return inner[int(token)]
    return _NOTHING


def _content(request: Request) -> Any:
    """The body as JSON, whatever it calls itself; None where it is none."""
    try:
        return request.json()
    except (ValueError, RecursionError):
        return None


def _inside(value: Any, at: str, depth: int) -> Iterator[Field]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            here = f"{at}/{_token(key)}"
            yield Field(here, str(key), inner)
            yield from _inside(inner, here, depth + 1)
    elif isinstance(value, list) and value:
        yield from _inside(value[0], f"{at}/0", depth + 1)


def _with_body(request: Request, body: bytes) -> Request:
    """Another body, its length told truly (RFC 9110, 8.6)."""
    length = str(len(body))
    headers = tuple((n, length if n.lower() == "content-length" else v) for n, v in request.headers)
    return replace(request, headers=headers, body=body)


def _token(key: str) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _plain(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")
