"""A value that conforms to a JSON Schema, as small as that allows, likely by the names of its fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ripstop.scaffold import values

_DEPTH = 8
_FORMATS = {
    "email": "ada@example.com",
    "uuid": values.UUID,
    "uuid4": values.UUID,
    "date": "2035-01-15",
    "date-time": "2035-01-15T12:00:00Z",
    "time": "12:00:00",
    "uri": "https://example.com/one",
    "url": "https://example.com/one",
    "duration": "P1D",
    "binary": "example",
    "password": "Correct-horse-1843",
}


def example(schema: object, name: str = "", root: object = None, depth: int = 0) -> Any:
    """A value of the schema; fields that are not required are left out, keys of idempotency excepted."""
    root = schema if root is None else root
    found = resolved(schema, root)
    if depth > _DEPTH:
        return None
    for key in ("example", "const"):
        if key in found:
            return found[key]
    if (
        isinstance(found.get("examples"), Sequence)
        and found["examples"]
        and not isinstance(found["examples"], str)
    ):
        return found["examples"][0]
    if found.get("enum"):
        return found["enum"][0]
    for key in ("anyOf", "oneOf"):
        if options := [one for one in found.get(key, ()) if resolved(one, root).get("type") != "null"]:
            return example(options[0], name, root, depth + 1)
    return _typed(found, name, root, depth)


def _typed(found: Mapping[str, Any], name: str, root: object, depth: int) -> Any:
    kind = found.get("type")
    kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
    if kind == "object" or "properties" in found:
        return _object(found, root, depth)
    if kind == "array":
        count = max(int(found.get("minItems", 0)), 1)
        items = found.get("items")
        return [example(items, _singular(name), root, depth + 1) for _ in range(count)] if items else []
    if kind in ("integer", "number"):
        return _number(found, name, kind)
    if kind == "string":
        return _text(found, name)
    return values.candidates(name, kind or "")[0]


def _object(found: Mapping[str, Any], root: object, depth: int) -> dict[str, Any]:
    fields: Mapping[str, Any] = found.get("properties", {})
    required = found.get("required", ())
    taken = [one for one in fields if one in required or values.is_key(one)]
    if not taken and depth <= 1:
        taken = [one for one in fields if not resolved(fields[one], root).get("readOnly")][:2]
    return {one: example(fields[one], one, root, depth + 1) for one in taken}


def _number(found: Mapping[str, Any], name: str, kind: str) -> int | float:
    value: float = values.whole(name)
    step = 1 if kind == "integer" else 0.5
    low = found.get("minimum", found.get("exclusiveMinimum"))
    high = found.get("maximum", found.get("exclusiveMaximum"))
    if isinstance(low, int | float) and value < low + step * ("minimum" not in found):
        value = low + step * ("minimum" not in found)
    if isinstance(high, int | float) and value > high - step * ("maximum" not in found):
        value = high - step * ("maximum" not in found)
    if isinstance(many := found.get("multipleOf"), int | float) and many:
        value = max(many, value - value % many)
    return int(value) if kind == "integer" or float(value).is_integer() else value


def _text(found: Mapping[str, Any], name: str) -> str:
    value = _FORMATS.get(str(found.get("format", "")), "") or values.text(name)
    if isinstance(pattern := found.get("pattern"), str) and not _matches(pattern, value):
        value = next(
            (one for one in ("a1", "1", "12345", "ABC", "ABC-123", "USD", "abc") if _matches(pattern, one)),
            value,
        )
    value = value.ljust(int(found.get("minLength", 0)), "x")
    return value[: int(found["maxLength"])] if found.get("maxLength") else value


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True


def _singular(name: str) -> str:
    return name.removesuffix("s")


def resolved(schema: object, root: object, depth: int = 0) -> Mapping[str, Any]:
    """A schema with its reference followed and the parts of ``allOf`` laid together."""
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        return {}
    if isinstance(reference := schema.get("$ref"), str):
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return {**resolved(_at(root, reference), root, depth + 1), **beside}
    if parts := schema.get("allOf"):
        whole: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
        for part in parts:
            whole = _laid(whole, resolved(part, root, depth + 1))
        return whole
    return dict(schema)


def _laid(whole: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    both = {"properties": {**whole.get("properties", {}), **part.get("properties", {})}}
    both["required"] = [*whole.get("required", ()), *part.get("required", ())]  # type: ignore[assignment]
    return {**part, **whole, **both} if both["properties"] else {**part, **whole}


def _at(root: object, reference: str) -> object:
    found = root
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
    return found


def fields(schema: object) -> Mapping[str, Any]:
    """The properties of an object's schema by name, resolved."""
    found = resolved(schema, schema)
    return {name: resolved(one, schema) for name, one in found.get("properties", {}).items()}
