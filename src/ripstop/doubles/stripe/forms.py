"""Stripe's form encoding: nested objects and lists spelt in brackets, ``items[0][price]=price_1``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from ripstop.model.http import Request

_KEY = re.compile(r"[^\[\]]+|\[[^\[\]]*\]")
_FIELDS = 2_000
_DEPTH = 12


def parameters(request: Request) -> dict[str, Any]:
    """A request's parameters, from its query and its body, text wherever a value is.

    Raises ValueError where a name contradicts another or nests too deep.
    """
    pairs = parse_qsl(request.target.partition("?")[2], keep_blank_values=True, max_num_fields=_FIELDS)
    if request.body:
        text = request.body.decode("utf-8", "strict")
        pairs += parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS)
    return nested(pairs)


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Flat names as the structure they spell.

    >>> nested([("items[0][price]", "p"), ("expand[]", "a"), ("expand[]", "b")])
    {'items': [{'price': 'p'}], 'expand': ['a', 'b']}
    """
    root: dict[str, Any] = {}
    for name, value in pairs:
        path = [part.strip("[]") if part.startswith("[") else part for part in _KEY.findall(name)]
        if not path or len(path) > _DEPTH:
            raise ValueError(f"{name[:80]!r} is no parameter's name")
        _put(root, path, value)
    return {name: _listed(value) for name, value in root.items()}


def _put(table: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        inner = table.setdefault(_place(table, part), {})
        if not isinstance(inner, dict):
            raise ValueError(f"{part!r} is both a value and an object")
        table = inner
    last = _place(table, path[-1])
    if isinstance(table.get(last), dict):
        raise ValueError(f"{last!r} is both a value and an object")
    table[last] = value


def _place(table: dict[str, Any], part: str) -> str:
    """``[]`` appends: the next free number."""
    return part or str(len(table))


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(one) for name, one in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
