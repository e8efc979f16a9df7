"""The class a body is read into, as a JSON Schema, by syntax: pydantic, dataclasses, serializers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ripstop.scaffold.project import Project


def _text(form: str = "") -> dict[str, Any]:
    return {"type": "string", "format": form} if form else {"type": "string"}


_NUMBER, _INTEGER = {"type": "number"}, {"type": "integer"}
_SCALARS: Mapping[str, dict[str, Any]] = {
    **{name: _text() for name in ("str", "SecretStr")},
    **{name: _text("uuid") for name in ("UUID", "UUID4")},
    **{name: _text("uri") for name in ("HttpUrl", "AnyUrl")},
    **{name: dict(_NUMBER) for name in ("float", "Decimal")},
    "int": _INTEGER,
    "bool": {"type": "boolean"},
    "EmailStr": _text("email"),
    "datetime": _text("date-time"),
    "date": _text("date"),
    "time": _text("time"),
    "PositiveInt": {"type": "integer", "minimum": 1},
    "PositiveFloat": {"type": "number", "minimum": 1},
    "dict": {"type": "object"},
    "list": {"type": "array"},
    "Any": {},
}
_SERIALIZED: Mapping[str, dict[str, Any]] = {
    **{name: _text() for name in ("CharField", "SlugField", "TextField")},
    **{name: dict(_INTEGER) for name in ("IntegerField", "PrimaryKeyRelatedField")},
    **{name: dict(_NUMBER) for name in ("FloatField", "DecimalField")},
    "BooleanField": {"type": "boolean"},
    "EmailField": _text("email"),
    "UUIDField": _text("uuid"),
    "DateField": _text("date"),
    "DateTimeField": _text("date-time"),
    "URLField": _text("uri"),
}
_LIMITS = {
    "min_length": "minLength",
    "max_length": "maxLength",
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "pattern": "pattern",
    "regex": "pattern",
    "min_items": "minItems",
    "min_value": "minimum",
}
_DEPTH = 4


def schema_of(project: Project, name: str, depth: int = 0) -> object:
    """The schema of a class of that name anywhere in the project; None where it has no fields to be seen."""
    found = _class(project, name)
    if found is None or depth > _DEPTH:
        return None
    if any(
        ast.unparse(base).rpartition(".")[2] in ("Enum", "StrEnum", "IntEnum", "TextChoices")
        for base in found.bases
    ):
        return {
            "enum": [
                n.value.value
                for n in found.body
                if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant)
            ]
        }
    properties, required = _inherited(project, found, depth)
    for field, schema, needed in _fields(project, found, depth):
        properties[field] = schema
        required = [one for one in required if one != field] + ([field] if needed else [])
    return {"type": "object", "properties": properties, "required": required} if properties else None


def _class(project: Project, name: str) -> ast.ClassDef | None:
    for path in project.code(".py"):
        text = project.text(path)
        if not re.search(rf"^class {re.escape(name)}\b", text, re.MULTILINE):
            continue
        try:
            return next(
                n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef) and n.name == name
            )
        except (SyntaxError, ValueError, RecursionError, StopIteration):
            continue
    return None


def _inherited(project: Project, found: ast.ClassDef, depth: int) -> tuple[dict[str, Any], list[str]]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for base in found.bases:
        name = ast.unparse(base).rpartition(".")[2]
        schema = (
            schema_of(project, name, depth + 1)
            if name not in ("BaseModel", "SQLModel", "Serializer")
            else None
        )
        if isinstance(schema, dict) and "properties" in schema:
            properties |= schema["properties"]
            required += schema["required"]
    return properties, required


def _fields(project: Project, found: ast.ClassDef, depth: int) -> Iterator[tuple[str, Any, bool]]:
    for node in found.body:
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and node.target.id != "model_config"
        ):
            call = node.value if isinstance(node.value, ast.Call) else None
            schema = _annotated(project, node.annotation, depth) | _limits(call)
            alias = (
                next(
                    (
                        k.value.value
                        for k in call.keywords
                        if k.arg == "alias" and isinstance(k.value, ast.Constant)
                    ),
                    None,
                )
                if call
                else None
            )
            yield str(alias or node.target.id), schema, _needed(node.value, node.annotation)
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and isinstance(node.targets[0], ast.Name)
        ):
            kind = ast.unparse(node.value.func).rpartition(".")[2]
            if kind in _SERIALIZED:
                said = ast.unparse(node.value)
                yield (
                    node.targets[0].id,
                    _SERIALIZED[kind] | _limits(node.value),
                    not re.search(r"required=False|read_only=True|default=", said),
                )


def _needed(value: ast.expr | None, annotation: ast.expr) -> bool:
    if value is None:
        return "default" not in ast.unparse(annotation)
    if isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] in ("Field", "field"):
        first = value.args[0] if value.args else None
        given = first is not None and not (isinstance(first, ast.Constant) and first.value is Ellipsis)
        return not given and not any(k.arg in ("default", "default_factory") for k in value.keywords)
    return isinstance(value, ast.Constant) and value.value is Ellipsis


def _limits(call: ast.Call | None) -> dict[str, Any]:
    return {
        _LIMITS[k.arg]: k.value.value
        for k in (call.keywords if call else ())
        if k.arg in _LIMITS and isinstance(k.value, ast.Constant)
    }


def _annotated(project: Project, node: ast.expr, depth: int) -> dict[str, Any]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _named(project, node.value, depth)
    if isinstance(node, ast.BinOp):
        return next((s for side in (node.left, node.right) if (s := _annotated(project, side, depth))), {})
    if isinstance(node, ast.Subscript):
        outer, inner = ast.unparse(node.value).rpartition(".")[2], node.slice
        if outer == "Literal":
            options = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return {"enum": [one.value for one in options if isinstance(one, ast.Constant)]}
        first = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
        if outer in ("list", "List", "Sequence", "set", "Set", "tuple"):
            return {"type": "array", "items": _annotated(project, first, depth)}
        if outer == "Annotated" and isinstance(inner, ast.Tuple):
            calls = [one for one in inner.elts[1:] if isinstance(one, ast.Call)]
            return _annotated(project, first, depth) | {
                k: v for call in calls for k, v in _limits(call).items()
            }
        return (
            {"type": "object"} if outer in ("dict", "Dict", "Mapping") else _annotated(project, first, depth)
        )
    return _named(project, ast.unparse(node), depth)


def _named(project: Project, name: str, depth: int) -> dict[str, Any]:
    last = name.rpartition(".")[2]
    if last in _SCALARS:
        return dict(_SCALARS[last])
    if re.match(r"(con(str|int|float|decimal|list))", last):
        return {"type": {"constr": "string", "conint": "integer"}.get(last.partition("(")[0], "number")}
    found = schema_of(project, last, depth + 1)
    return found if isinstance(found, dict) else {}
