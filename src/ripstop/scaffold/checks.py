"""What a handler's checks tell of a field: its type, and the values it may have."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ripstop.scaffold.reading import Field

Handler = ast.FunctionDef | ast.AsyncFunctionDef
_TYPES = {
    "int": "integer",
    "float": "number",
    "Decimal": "number",
    "str": "string",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
    "UUID": "uuid",
}
_DATES = {
    "date.fromisoformat": "date",
    "datetime.fromisoformat": "date-time",
    "parse_datetime": "date-time",
    "parse_date": "date",
}


def checked(function: Handler, tree: ast.Module, fields: dict[str, Field]) -> None:
    """Fill in what the function, and the helpers it asks about a value, demand of each field."""
    holders = dict(_holders(function))
    for name, one in list(fields.items()):
        texts = {text for text, field in holders.items() if field == name}
        kind, choices = _demands(function, tree, texts, 0)
        fields[name] = replace(one, kind=one.kind or kind, choices=one.choices or choices)


def _holders(function: Handler) -> Iterator[tuple[str, str]]:
    """What holds a field: the expression that asks for it, and each name it is assigned to."""
    for node in ast.walk(function):
        if isinstance(node, ast.expr) and (name := _field(node)):
            yield ast.unparse(node), name
        if isinstance(node, ast.Assign):
            yield from _assigned(node.targets[0], node.value)
        elif isinstance(node, ast.NamedExpr):
            yield from _assigned(node.target, node.value)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, str]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one, given in zip(target.elts, value.elts, strict=True):
            yield from _assigned(one, given)
    elif isinstance(target, ast.Name):
        inner = next((n for n in ast.walk(value) if isinstance(n, ast.expr) and _field(n)), None)
        if inner is not None:
            yield target.id, _field(inner)


def _field(node: ast.expr) -> str:
    key: ast.expr | None = None
    if isinstance(node, ast.Subscript):
        key = node.slice
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("get", "pop")
    ):
        key = node.args[0] if node.args else None
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


def _demands(scope: ast.AST, tree: ast.Module, holders: set[str], depth: int) -> tuple[str, tuple[Any, ...]]:
    kind, choices = "", ()
    for node in ast.walk(scope):
        if isinstance(node, ast.Call):
            kind = kind or _cast(node, holders) or _helper(node, tree, holders, depth)
        elif isinstance(node, ast.Compare):
            kind = kind or _compared(node, holders)
            choices = choices or _listed(node, holders, tree)
        elif isinstance(node, ast.For) and ast.unparse(node.iter) in holders:
            kind = kind or "array"
    return kind, choices


def _cast(node: ast.Call, holders: set[str]) -> str:
    called, first = ast.unparse(node.func), ast.unparse(node.args[0]) if node.args else ""
    if first not in holders:
        return ""
    if called == "isinstance" and len(node.args) > 1:
        kinds = [n.id for n in ast.walk(node.args[1]) if isinstance(n, ast.Name)]
        return next((_TYPES[one] for one in kinds if one in _TYPES), "")
    tail = called.rpartition(".")[2]
    return _TYPES.get(tail, "") or next((kind for end, kind in _DATES.items() if called.endswith(end)), "")


def _helper(node: ast.Call, tree: ast.Module, holders: set[str], depth: int) -> str:
    """What a function of the module demands of the parameter that a field is handed to."""
    known = {n.name: n for n in tree.body if isinstance(n, Handler)}
    helper = known.get(node.func.id) if isinstance(node.func, ast.Name) else None
    if helper is None or depth > 2:
        return ""
    for position, argument in enumerate(node.args):
        if ast.unparse(argument) in holders and position < len(helper.args.args):
            parameter = helper.args.args[position]
            said = ast.unparse(parameter.annotation) if parameter.annotation else ""
            return _demands(helper, tree, {parameter.arg}, depth + 1)[0] or _TYPES.get(said, "")
    return ""


def _compared(node: ast.Compare, holders: set[str]) -> str:
    """``type(x) is int``, and ``0 < x <= 100``."""
    sides = [node.left, *node.comparators]
    for side in sides:
        if (
            isinstance(side, ast.Call)
            and ast.unparse(side.func) == "type"
            and ast.unparse(side.args[0]) in holders
        ):
            return next((_TYPES[s.id] for s in sides if isinstance(s, ast.Name) and s.id in _TYPES), "")
    ordered = any(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops)
    numbers = [s.value for s in sides if isinstance(s, ast.Constant) and isinstance(s.value, int | float)]
    if ordered and numbers and any(ast.unparse(side) in holders for side in sides):
        return "integer" if all(isinstance(one, int) for one in numbers) else "number"
    return ""


def _listed(node: ast.Compare, holders: set[str], tree: ast.Module) -> tuple[Any, ...]:
    """``x in ("a", "b")``, with a constant of the module by its name as well."""
    if ast.unparse(node.left) not in holders or not isinstance(node.ops[0], ast.In | ast.NotIn):
        return ()
    options = node.comparators[0]
    if isinstance(options, ast.Name):
        options = _constants(tree).get(options.id, options)
    if isinstance(options, ast.Dict):
        options = ast.List([key for key in options.keys if key], ast.Load())
    if isinstance(options, ast.Call) and options.args:
        options = options.args[0]
    items = options.elts if isinstance(options, ast.Tuple | ast.List | ast.Set) else []
    return tuple(one.value for one in items if isinstance(one, ast.Constant))


def _constants(tree: ast.Module) -> Mapping[str, ast.expr]:
    return {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
