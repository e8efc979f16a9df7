"""What the body of a Python test does: the requests it sends, and which of them it expects to fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ripstop.scan.testing import breaking, expecting
from ripstop.scan.testing.expecting import GENERAL, METHODS, Constants, Definition, Nodes
from ripstop.scan.testing.nouns import HOLE, Asked, Injected

_DEEPEST = 5
"""Names that stand for names are followed so far."""


@dataclass(frozen=True, slots=True)
class Body:
    """A function's requests, the plain names it calls, and whether it takes an error path at all.

    ``helped``: an error status is asserted of what a helper answered. ``injected`` are all its faults.
    """

    asked: tuple[Asked, ...]
    called: tuple[str, ...]
    error: bool
    helped: bool = False
    injected: tuple[Injected, ...] = ()


def read(node: Definition, constants: Constants) -> Body:
    """What a function does, by its text alone."""
    nodes = tuple(ast.walk(node))
    own = {**constants, **_assigned(nodes)}
    expected = expecting.read(node, nodes, own)
    blocks = tuple(breaking.blocks(node, nodes, own))
    asked, mine = [], set()
    for call, name in _requests(nodes):
        one = _asked(call, own)
        if one is None:
            continue
        keys = {name, f"{expecting.UNNAMED}@{call.lineno}"} - {""}
        mine |= keys
        around = [block for block in blocks if block.first <= call.lineno <= block.last]
        statuses = tuple(sorted({code for key in keys for code in expected.refused.get(key, ())}))
        refused = any(key in expected.refused for key in keys)
        injected = tuple(fault for block in around for fault in block.injected)
        asked.append(replace(one, error=bool(around or refused), injected=injected, statuses=statuses))
    if expected.elsewhere and not any(one.error for one in asked):
        asked = [replace(one, error=True) for one in asked]
    called = tuple(dict.fromkeys(_called(nodes)))
    error = bool(expected.refused or expected.elsewhere or blocks)
    injected = tuple(fault for block in blocks for fault in block.injected)
    return Body(tuple(asked), called, error, bool(expected.refused.keys() - mine), injected)


def template(node: ast.expr, constants: Constants, deep: int = _DEEPEST) -> str | None:
    """A text with ``{}`` for what is computed; None where it is no text at all."""
    if isinstance(node, ast.Constant):
        return str(node.value) if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        parts = (_part(part, constants, deep) for part in node.values)
        return "".join(parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = template(node.left, constants, deep), template(node.right, constants, deep)
        return None if left is None and right is None else (left or HOLE) + (right or HOLE)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        text = template(node.left, constants, deep)
        return None if text is None else re.sub(r"%[sdi]", HOLE, text)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        text = template(node.func.value, constants, deep)
        return None if text is None else re.sub(r"\{[^}]*\}", HOLE, text)
    named = _named(node)
    if named in constants and deep:
        return template(constants[named], constants, deep - 1)
    return None


def _part(part: ast.expr, constants: Constants, deep: int) -> str:
    if isinstance(part, ast.FormattedValue):
        return template(part.value, constants, deep) or HOLE
    return template(part, constants, deep) or ""


def _named(node: ast.expr) -> str:
    """``x`` or ``self.x`` as it is written; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return ""


def _assigned(nodes: Nodes) -> dict[str, ast.expr]:
    """The function's own names that are given a value once."""
    found: dict[str, list[ast.expr]] = {}
    for one in nodes:
        if isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name):
            found.setdefault(one.targets[0].id, []).append(one.value)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _requests(nodes: Nodes) -> Iterator[tuple[ast.Call, str]]:
    """Each call that may be a request, in order, with the name its answer is bound to."""
    bound: dict[int, str] = {}
    for one in nodes:
        if isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name):
            bound |= {id(inner): one.targets[0].id for inner in ast.walk(one.value)}
    calls = [one for one in nodes if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)]
    for call in sorted(calls, key=lambda one: (one.lineno, one.col_offset)):
        yield call, _answer(bound.get(id(call), ""), call)


def _answer(name: str, call: ast.Call) -> str:
    return f"{name}@{call.lineno}" if name else ""


def _asked(call: ast.Call, constants: Constants) -> Asked | None:
    assert isinstance(call.func, ast.Attribute)
    method, arguments = call.func.attr.lower(), list(call.args)
    if method in GENERAL and len(arguments) > 1:
        spoken = template(arguments.pop(0), constants)
        method = (spoken or "").lower()
    if method not in METHODS:
        return None
    url = next((k.value for k in call.keywords if k.arg in ("url", "path")), None)
    where = arguments[0] if arguments else url
    if where is None:
        return None
    if name := _reversed(where, constants):
        return Asked(method.upper(), "", call.lineno, name=name)
    text = template(where, constants)
    path = _path(text) if text else None
    return Asked(method.upper(), path, call.lineno) if path else None


def _reversed(node: ast.expr, constants: Constants) -> str:
    """The route's name in ``reverse("name", ...)``, ``url_for`` and ``app.url_path_for``."""
    if _named(node) in constants:
        node = constants[_named(node)]
    if not isinstance(node, ast.Call) or not node.args:
        return ""
    function = ast.unparse(node.func).rpartition(".")[2]
    known = function in ("reverse", "reverse_lazy", "url_for", "url_path_for")
    return (template(node.args[0], constants) or "") if known else ""


def _path(text: str) -> str | None:
    """The path of a URL or the beginning of one; None where it is no address."""
    text = re.sub(r"^[a-z]+://[^/]*", "", text) if "://" in text else text
    text = text.partition("?")[0].partition("#")[0]
    if text == HOLE or not text.startswith(("/", HOLE)):
        return None
    return text


def _called(nodes: Nodes) -> Iterable[str]:
    """The plain names, and the methods of self, that a body calls."""
    for call in (one for one in nodes if isinstance(one, ast.Call)):
        if isinstance(call.func, ast.Name):
            yield call.func.id
        elif isinstance(call.func, ast.Attribute) and _named(call.func).startswith(("self.", "cls.")):
            yield call.func.attr
