"""What written-out values say of a check: which it allows, and whether it holds of one."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from ripstop.integrity.guard.checks import OPS, Check
from ripstop.integrity.guard.terms import Term

UNKNOWN = object()
_LONGEST = 500
_ORDERED: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
    "is": operator.eq, "is not": operator.ne,
    "in": lambda a, b: a in b, "not in": lambda a, b: a not in b,
    "has": lambda a, b: b in a, "has not": lambda a, b: b not in a,
}  # fmt: skip
_PURE: Mapping[str, Callable[[Any], Any]] = {
    "len": len, "sorted": sorted, "set": set, "list": list, "tuple": tuple, "bool": bool, "str": str,
    "any": any, "all": all, "min": min, "max": max, "sum": sum, "dict": dict,
    "repr": repr, "type": lambda v: type(v).__name__,
}  # fmt: skip
_METHODS = ("startswith", "endswith", "strip", "lower", "upper", "keys", "values", "items", "get", "isdigit")
_TYPES = {
    "int": int,
    "str": str,
    "float": float,
    "list": list,
    "dict": dict,
    "tuple": tuple,
    "set": set,
    "bool": bool,
    "bytes": bytes,
}
_PATTERNS: Mapping[str, Callable[[str, str], object]] = {
    "match": re.match,
    "search": re.search,
    "fullmatch": re.fullmatch,
}


def value_of(node: ast.expr) -> Any:
    """The value of a written-out expression, or ``UNKNOWN``."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return UNKNOWN


def truth(node: ast.expr) -> bool | None:
    """Whether a condition over written-out values holds; None where it is over anything else."""
    match node:
        case ast.BoolOp(op=op, values=parts):
            told = [truth(part) for part in parts]
            decided = isinstance(op, ast.Or)
            if decided in told:
                return decided
            return None if None in told else not decided
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            found = truth(inner)
            return None if found is None else not found
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            first, second = value_of(left), value_of(right)
            ask = _ORDERED.get(OPS[type(op)])
            if first is UNKNOWN or second is UNKNOWN or ask is None:
                return None
            try:
                return bool(ask(first, second))
            except TypeError:
                return None
    value = value_of(node)
    return None if value is UNKNOWN else bool(value)


def allowed(check: Check) -> list[Any] | None:
    """The values that a check lets its subject have, where they are written out and few."""
    if check.value is None:
        return None
    value = value_of(check.value.node)
    if value is UNKNOWN:
        return None
    if check.op in ("==", "is") and not any(check.width or ()):
        return [value]
    if check.op == "in" and isinstance(value, list | tuple | set | frozenset | dict):
        return list(value)
    return None


def holds(check: Check, value: Any) -> bool | None:
    """Whether a check holds of a value; None where that cannot be told."""
    if check.op in ("true", "false"):
        return bool(value) is (check.op == "true")
    if check.value is None:
        return None
    if check.op in ("isinstance", "not isinstance"):
        return _is_instance(check, value)
    other = value_of(check.value.node)
    if other is UNKNOWN:
        return None
    try:
        if check.op in _PATTERNS:
            return _matches(check.op, other, value)
        if check.op == "==" and check.width:
            return bool(abs(value - other) <= width(check.width, other))
        return bool(_ORDERED[check.op](value, other)) if check.op in _ORDERED else None
    except (TypeError, ValueError, re.error, OverflowError):
        return None


def _matches(op: str, pattern: Any, value: Any) -> bool | None:
    if not (isinstance(pattern, str) and isinstance(value, str)) or len(pattern) + len(value) > _LONGEST:
        return None
    return bool(_PATTERNS[op](pattern, value)) if _tame(pattern) else None


def _tame(pattern: str) -> bool:
    """Whether a stranger's pattern is safe to run: no group is repeated, and little else is."""
    return not re.search(r"\)[*+{]", pattern) and len(re.findall(r"[*+{]", pattern)) <= 3


def _is_instance(check: Check, value: Any) -> bool | None:
    names = (
        [name.strip() for name in check.value.deep.strip("()").split(",") if name.strip()]
        if check.value
        else []
    )
    kinds = [_TYPES[name] for name in names if name in _TYPES]
    if len(kinds) != len(names):
        return None
    return isinstance(value, tuple(kinds)) is (check.op == "isinstance")


def width(given: tuple[float, float], value: Any) -> float:
    """How far apart two numbers may be, absolute."""
    rel, absolute = given
    size = abs(value) if isinstance(value, int | float) else 1.0
    return max(rel * size, absolute)


def derive(node: ast.expr, base: str, value: Any) -> Any:
    """The value of an expression over ``base`` where base has one: ``len(base)``, ``base['k']`` and such."""
    if ast.unparse(node) == base:
        return value
    try:
        match node:
            case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in _PURE:
                below = derive(inner, base, value)
                return UNKNOWN if below is UNKNOWN else _PURE[name](below)
            case ast.Subscript(value=inner, slice=index):
                below, key = derive(inner, base, value), value_of(index)
                return UNKNOWN if UNKNOWN in (below, key) else below[key]
            case ast.Call(func=ast.Attribute(value=inner, attr=name), args=args) if name in _METHODS:
                below, given = derive(inner, base, value), [value_of(arg) for arg in args]
                return (
                    UNKNOWN
                    if any(one is UNKNOWN for one in (below, *given))
                    else getattr(below, name)(*given)
                )
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        return UNKNOWN
    return UNKNOWN


def part(display: ast.expr, node: ast.expr, base: str) -> ast.expr | None:
    """What stands in a display at ``base['k']``, where the display need not be written out whole."""
    match node:
        case ast.Subscript(value=inner, slice=ast.Constant(value=key)) if ast.unparse(inner) == base:
            return _at(display, key)
        case ast.Call(func=ast.Attribute(value=inner, attr="get"), args=[ast.Constant(value=key), *_]) if (
            ast.unparse(inner) == base
        ):
            return _at(display, key)
        case ast.Call(func=ast.Name(id="len"), args=[inner]) if ast.unparse(inner) == base:
            parts = getattr(display, "elts", None) or getattr(display, "keys", None)
            return ast.Constant(len(parts)) if parts is not None else None
    return None


def _at(display: ast.expr, key: object) -> ast.expr | None:
    if isinstance(display, ast.Dict):
        for name, value in zip(display.keys, display.values, strict=True):
            if isinstance(name, ast.Constant) and name.value == key:
                return value
    if (
        isinstance(display, ast.List | ast.Tuple)
        and isinstance(key, int)
        and -len(display.elts) <= key < len(display.elts)
    ):
        return display.elts[key]
    return None


def telling(value: Any) -> bool:
    """Whether a value is unlikely to be asked for twice by chance."""
    if isinstance(value, str | bytes):
        return len(value) > 2
    if isinstance(value, dict):
        return any(map(telling, (*value.keys(), *value.values())))
    return isinstance(value, list | tuple | set) and any(map(telling, value))


def contains(whole: Any, part: Any) -> bool:
    """Whether a value is another, or a mapping with all of its items and more."""
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(key in whole and whole[key] == value for key, value in part.items())
    return type(whole) is type(part) and bool(whole == part)


def covers(pattern: ast.expr, node: ast.expr) -> bool:
    """Whether a value with wildcards (mock's ``ANY``, dirty-equals' names) takes another."""
    if ast.unparse(pattern) == ast.unparse(node) or is_any(pattern):
        return True
    match pattern, node:
        case (ast.Dict(), ast.Dict()):
            keys = [ast.unparse(key) if key else "" for key in pattern.keys]
            same = keys == [ast.unparse(key) if key else "" for key in node.keys]
            return same and all(map(covers, pattern.values, node.values))
        case (ast.List() | ast.Tuple(), ast.List() | ast.Tuple()):
            return len(pattern.elts) == len(node.elts) and all(map(covers, pattern.elts, node.elts))
        case (ast.Call(), ast.Call()):
            words, others = pattern.keywords, node.keywords
            same = [w.arg for w in words] == [w.arg for w in others] and len(pattern.args) == len(node.args)
            values = zip(
                [*pattern.args, *(w.value for w in words)],
                [*node.args, *(w.value for w in others)],
                strict=False,
            )
            return (
                same
                and ast.unparse(pattern.func) == ast.unparse(node.func)
                and all(covers(a, b) for a, b in values)
            )
    return False


def is_any(node: ast.expr) -> bool:
    name = ast.unparse(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]
    return name in ("ANY", "AnyThing", "IsAnything") or name.startswith(
        ("IsStr", "IsInt", "IsNow", "IsPartialDict", "IsInstance")
    )


def same(one: Term, other: Term) -> bool:
    """Whether two written-out values are equal; False where they are not written out."""
    first, second = value_of(one.node), value_of(other.node)
    try:
        return (
            first is not UNKNOWN
            and second is not UNKNOWN
            and type(first) is type(second)
            and bool(first == second)
        )
    except (TypeError, ValueError, RecursionError):
        return False
