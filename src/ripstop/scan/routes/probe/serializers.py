"""A REST framework serializer as a JSON Schema, as far as its fields tell; no query is made."""

from __future__ import annotations

from typing import Any

_TYPES: tuple[tuple[str, dict[str, str]], ...] = (
    ("BooleanField", {"type": "boolean"}),
    ("IntegerField", {"type": "integer"}),
    ("FloatField", {"type": "number"}),
    ("DecimalField", {"type": "string", "format": "decimal"}),
    ("UUIDField", {"type": "string", "format": "uuid"}),
    ("EmailField", {"type": "string", "format": "email"}),
    ("URLField", {"type": "string", "format": "uri"}),
    ("DateTimeField", {"type": "string", "format": "date-time"}),
    ("DateField", {"type": "string", "format": "date"}),
    ("PrimaryKeyRelatedField", {"type": "integer"}),
    ("DictField", {"type": "object"}),
    ("JSONField", {}),
    ("CharField", {"type": "string"}),
)
_LIMITS = (
    ("max_length", "maxLength"),
    ("min_length", "minLength"),
    ("max_value", "maximum"),
    ("min_value", "minimum"),
)
_MOST_LEVELS = 6


def schema_of(serializer: Any) -> Any:
    """The schema of what a client writes; None where the class cannot say without a request."""
    try:
        return _object(serializer(), 0)
    except Exception:
        return None


def _object(serializer: Any, level: int) -> dict[str, Any]:
    written = {name: field for name, field in serializer.fields.items() if not field.read_only}
    return {
        "type": "object",
        "properties": {name: _field(field, level + 1) for name, field in written.items()},
        "required": [name for name, field in written.items() if field.required],
    }


def _field(field: Any, level: int) -> dict[str, Any]:
    kinds = [one.__name__ for one in type(field).__mro__]
    if level > _MOST_LEVELS or "HiddenField" in kinds:
        return {}
    if "ListSerializer" in kinds or "ListField" in kinds:
        return {"type": "array", "items": _field(field.child, level + 1)}
    if "ManyRelatedField" in kinds:
        return {"type": "array", "items": _field(field.child_relation, level + 1)}
    if "Serializer" in kinds:
        return _object(field, level)
    choices = _choices(field) if "ChoiceField" in kinds else None
    schema: dict[str, Any] = dict(next((shape for name, shape in _TYPES if name in kinds), {}))
    schema |= {"enum": choices} if choices else {}
    limits = {told: getattr(field, name, None) for name, told in _LIMITS}
    return {**schema, **{told: limit for told, limit in limits.items() if isinstance(limit, (int, float))}}


def _choices(field: Any) -> list[Any]:
    return list(field.choices)
