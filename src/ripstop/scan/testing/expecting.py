"""Which answers a Python test expects to be refusals: error statuses it asserts, and of which request."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
GENERAL = frozenset({"request", "open", "stream", "generic"})
"""Methods of clients whose first argument is the HTTP method."""
UNNAMED = "call"
"""Stands for the answer of a request that was given no name."""
_SENDS = METHODS | GENERAL
_STATUS = frozenset({"status_code", "status", "code", "statuscode"})
_NUMBERED = re.compile(r"(?:HTTP_)?([45]\d\d)(?:_\w+)?$")
_EQUAL = frozenset({"assertEqual", "assertEquals", "assertIn"})
_SUCCESS = frozenset({"ok", "is_success"})
_FAILURE = frozenset({"is_error", "is_client_error", "is_server_error"})

Definition = ast.FunctionDef | ast.AsyncFunctionDef
Constants = Mapping[str, ast.expr]
Nodes = Sequence[ast.AST]
"""All nodes of a function, walked once."""
Claim = tuple[ast.expr, tuple[int, ...]]
"""What is asserted to have an error status, and which ones; none where any will do."""


@dataclass(frozen=True, slots=True)
class Expected:
    """``refused`` has the error statuses by ``name@line`` of the request that is to be answered so.

    ``elsewhere``: an error status is asserted of what cannot be followed to a request.
    """

    refused: Mapping[str, tuple[int, ...]]
    elsewhere: bool = False


def read(node: Definition, nodes: Nodes, constants: Constants) -> Expected:
    """The error statuses that a function asserts."""
    lines = _bindings(nodes)
    refused: dict[str, tuple[int, ...]] = {}
    elsewhere = False
    for one in nodes:
        claim = _claim(one, node, constants)
        if claim is None:
            continue
        root = _root(claim[0])
        before = [line for line in lines.get(root, []) if line <= getattr(one, "lineno", 0)]
        if before:
            root = f"{root}@{max(before)}"
        if "@" in root:
            refused[root] = (*refused.get(root, ()), *claim[1])
        else:
            elsewhere = True
    return Expected(refused, elsewhere)


def parametrized(name: str, node: Definition) -> Iterator[ast.expr]:
    """All there is in the values of a parameter by ``pytest.mark.parametrize``."""
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or not ast.unparse(decorator.func).endswith("parametrize"):
            continue
        if len(decorator.args) < 2 or name not in re.findall(r"\w+", ast.unparse(decorator.args[0])):
            continue
        yield from (one for one in ast.walk(decorator.args[1]) if isinstance(one, ast.expr))


def _bindings(nodes: Nodes) -> dict[str, list[int]]:
    """For each name, the lines of the calls whose results it was given."""
    found: dict[str, list[int]] = {}
    for one in nodes:
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            calls = [c for c in ast.walk(one.value) if isinstance(c, ast.Call)]
            sent = [c.lineno for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr in _SENDS]
            found.setdefault(one.targets[0].id, []).extend(sent or [c.lineno for c in calls[:1]])
    return found


def _root(node: ast.expr) -> str:
    """The name at the bottom of ``a.b().c``, or the line of a request that was never named."""
    while True:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SENDS:
            return f"{UNNAMED}@{node.lineno}"
        if isinstance(node, ast.Attribute | ast.Await | ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return node.id if isinstance(node, ast.Name) else ""


def _claim(one: ast.AST, node: Definition, constants: Constants) -> Claim | None:
    if isinstance(one, ast.Compare) and len(one.ops) == 1:
        if isinstance(one.ops[0], ast.NotEq | ast.NotIn | ast.Lt | ast.LtE):
            return None
        return _pair(one.left, one.comparators[0], node, constants)
    if isinstance(one, ast.Assert):
        test, negated = one.test, False
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test, negated = test.operand, True
        wanted = _SUCCESS if negated else _FAILURE
        return (test.value, ()) if isinstance(test, ast.Attribute) and test.attr in wanted else None
    if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in _EQUAL:
        return _pair(one.args[0], one.args[1], node, constants) if len(one.args) > 1 else None
    return None


def _pair(first: ast.expr, second: ast.expr, node: Definition, constants: Constants) -> Claim | None:
    for subject, value in ((first, second), (second, first)):
        if isinstance(subject, ast.Attribute) and subject.attr in _STATUS:
            statuses = _errors(value, node, constants)
            return (subject, statuses) if statuses else None
    return None


def _errors(node: ast.expr, inside: Definition, constants: Constants) -> tuple[int, ...]:
    """The error statuses a value stands for; none where it may be a success as well."""
    if isinstance(node, ast.Constant):
        return (node.value,) if type(node.value) is int and 400 <= node.value < 600 else ()
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        each = [_errors(one, inside, constants) for one in node.elts]
        return tuple(code for several in each for code in several) if all(each) else ()
    if isinstance(node, ast.Attribute):
        numbered = _NUMBERED.search(node.attr)
        if numbered:
            return (int(numbered[1]),)
        member = HTTPStatus.__members__.get(node.attr) if "tatus" in ast.unparse(node) else None
        return (int(member),) if member is not None and member >= 400 else ()
    if isinstance(node, ast.Name):
        if node.id in constants and not isinstance(constants[node.id], ast.Name):
            return _errors(constants[node.id], inside, constants)
        given = (one for one in parametrized(node.id, inside) if not isinstance(one, ast.Name))
        literal = (one for one in given if isinstance(one, ast.Constant | ast.Attribute))
        return tuple(code for one in literal for code in _errors(one, inside, constants))
    return ()
