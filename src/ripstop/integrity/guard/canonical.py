"""One way of writing an expression for all that mean the same, so that a matter of taste is no difference."""

from __future__ import annotations

import ast
import http
import re
from collections.abc import Mapping
from typing import TypeVar

_STATUS_NAMES = {status.name: int(status) for status in http.HTTPStatus}
_STATUS_CODE = re.compile(r"^HTTP_(\d{3})_")
_STATUS_OWNERS = ("HTTPStatus", "codes", "status", "StatusCode")
_PLACEHOLDER = re.compile(r"%[sd]")
_FIELD = re.compile(r"\{(\d*)\}")
ALIASES = {"IOError": "OSError", "EnvironmentError": "OSError", "socket.error": "OSError"}
_Node = TypeVar("_Node", bound=ast.AST)
_LONGEST = 4_000
TEXT = "f-string"


def clone(node: _Node) -> _Node:
    """A copy of a tree, in a tenth of the time that ``copy.deepcopy`` takes."""
    made = node.__class__.__new__(node.__class__)
    for name, value in node.__dict__.items():
        if isinstance(value, ast.AST):
            made.__dict__[name] = clone(value)
        elif isinstance(value, list):
            made.__dict__[name] = [clone(one) if isinstance(one, ast.AST) else one for one in value]
        else:
            made.__dict__[name] = value
    return made


def text(node: ast.AST) -> str:
    """An expression as canonical text, cut where it is longer than anyone compares."""
    return ast.unparse(node)[:_LONGEST]


def literal(node: ast.expr) -> bool:
    """Whether an expression is written out: constants, and displays and sums of them."""
    match node:
        case ast.Constant():
            return True
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return all(map(literal, parts))
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and literal(key) for key in keys) and all(map(literal, values))
        case ast.UnaryOp(operand=inner):
            return literal(inner)
        case ast.BinOp(left=left, right=right):
            return literal(left) and literal(right)
    return False


class Canonical(ast.NodeTransformer):
    """Rewrites a copy: no awaits, keys in order, texts joined, statuses as numbers, names whole."""

    def __init__(self, imports: Mapping[str, str], renames: Mapping[str, str]) -> None:
        self._imports = imports
        self._renames = renames

    def visit_Await(self, node: ast.Await) -> ast.AST:
        return self.visit(node.value)  # type: ignore[no-any-return]

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        return self.visit(node.value)  # type: ignore[no-any-return]

    def visit_Name(self, node: ast.Name) -> ast.AST:
        name = self._renames.get(node.id, node.id)
        whole = self._imports.get(node.id)
        if whole:
            parts = whole.rpartition(":")[2].split(".")
            name = ".".join(self._renames.get(part, part) for part in parts)
        return ast.Name(ALIASES.get(name, name), ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        number = _status(node)
        if number is not None:
            return ast.Constant(number)
        inner = self.visit(node.value)
        return ast.Attribute(inner, self._renames.get(node.attr, node.attr), ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        node.keywords.sort(key=lambda word: (word.arg is None, word.arg or ""))
        match node:
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=words) if all(w.arg for w in words):
                return _sorted(ast.Dict([ast.Constant(w.arg) for w in words], [w.value for w in words]))
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str(form)), attr="format"), keywords=[]
            ):
                return _formatted(form, node.args, _FIELD) or node
            case ast.Call(func=ast.Name(id="set" | "frozenset"), args=[ast.List(elts=e) | ast.Tuple(elts=e)]):
                return _set(e)
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        self.generic_visit(node)
        return _sorted(node)

    def visit_Set(self, node: ast.Set) -> ast.AST:
        self.generic_visit(node)
        return _set(node.elts)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        self.generic_visit(node)
        return _joined(node.values)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.BinOp(left=ast.Constant(value=str(a)), op=ast.Add(), right=ast.Constant(value=str(b))):
                return ast.Constant(a + b)
            case ast.BinOp(left=ast.Constant(value=str(form)), op=ast.Mod(), right=right):
                given = right.elts if isinstance(right, ast.Tuple) else [right]
                return _formatted(form, given, _PLACEHOLDER) or node
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(node.value)


def _status(node: ast.Attribute) -> int | None:
    """The number of a named HTTP status, as http, requests, httpx, Starlette and Django REST name them."""
    owner = node.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    if found := _STATUS_CODE.match(node.attr):
        return int(found.group(1))
    if name in _STATUS_OWNERS:
        return _STATUS_NAMES.get(node.attr.upper())
    return None


def _sorted(node: ast.Dict) -> ast.Dict:
    if any(key is None for key in node.keys):
        return node
    pairs = sorted(
        zip(node.keys, node.values, strict=True), key=lambda pair: ast.unparse(pair[0]) if pair[0] else ""
    )
    return ast.Dict([key for key, _ in pairs], [value for _, value in pairs])


def _set(parts: list[ast.expr]) -> ast.expr:
    told = {ast.unparse(part): part for part in parts}
    return ast.Set([told[key] for key in sorted(told)])


def _formatted(form: str, given: list[ast.expr], field: re.Pattern[str]) -> ast.expr | None:
    """A text with its plain fields filled, as an f-string would; None where it does more than that."""
    places = list(field.finditer(form))
    rest = field.sub("", form)
    if (
        len(places) != len(given)
        or "%" in rest
        or "{" in rest
        or any(isinstance(g, ast.Starred) for g in given)
    ):
        return None
    parts: list[ast.expr] = []
    at = 0
    for number, (place, value) in enumerate(zip(places, given, strict=True)):
        if place.groups() and place.group(1) not in ("", str(number)):
            return None
        parts += [ast.Constant(form[at : place.start()]), ast.FormattedValue(value, -1)]
        at = place.end()
    return _joined([*parts, ast.Constant(form[at:])])


def _joined(parts: list[ast.expr]) -> ast.expr:
    """A text put together: a constant where it has no fields, else a call that no source can hold.

    No f-string is kept, for one cannot be written down with every value in its fields (Python 3.11).
    """
    merged: list[ast.expr] = []
    for part in (inner for one in parts for inner in _pieces(one)):
        last = merged[-1] if merged else None
        if isinstance(part, ast.Constant) and isinstance(last, ast.Constant):
            merged[-1] = ast.Constant(str(last.value) + str(part.value))
        elif not (isinstance(part, ast.Constant) and part.value == ""):
            merged.append(part)
    if all(isinstance(part, ast.Constant) for part in merged):
        return ast.Constant("".join(str(part.value) for part in merged if isinstance(part, ast.Constant)))
    return ast.Call(ast.Name(TEXT, ast.Load()), merged, [])


def _pieces(part: ast.expr) -> list[ast.expr]:
    """A part of a text as constants and values; a text within a text is taken apart."""
    match part:
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return _pieces(value)
        case ast.FormattedValue(value=value, conversion=conversion, format_spec=spec):
            shown = [value, ast.Constant(conversion), *([spec] if spec else [])]
            return [ast.Call(ast.Name(TEXT, ast.Load()), shown, [])]
        case ast.Call(func=ast.Name(id=name), args=inner) if name == TEXT:
            return inner
        case ast.JoinedStr(values=inner):
            return [piece for one in inner for piece in _pieces(one)]
        case ast.Constant(value=str() | int() as value):
            return [ast.Constant(str(value))]
    return [part]
