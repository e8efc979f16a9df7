"""What the body of a Python test does: the requests it sends, and which of them it expects to fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ripstop.scan.testing.nouns import HOLE, Asked

METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_GENERAL = frozenset({"request", "open", "stream", "generic"})
_SENDS = METHODS | _GENERAL
_STATUS = frozenset({"status_code", "status", "code", "statuscode"})
_NAMES = re.compile(r"(?:HTTP_)?([45]\d\d)(?:_\w+)?$")
_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex", "assertRaisesMessage"})
_EQUAL = frozenset({"assertEqual", "assertEquals", "assertIn"})
_SUCCESS = frozenset({"ok", "is_success"})
_FAILURE = frozenset({"is_error", "is_client_error", "is_server_error"})
_FAILED_NAMES = frozenset(
    {
        "BAD_REQUEST", "UNAUTHORIZED", "PAYMENT_REQUIRED", "FORBIDDEN", "NOT_FOUND", "METHOD_NOT_ALLOWED",
        "CONFLICT", "GONE", "UNPROCESSABLE_ENTITY", "UNPROCESSABLE_CONTENT", "TOO_MANY_REQUESTS",
        "INTERNAL_SERVER_ERROR", "BAD_GATEWAY", "SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT",
    }
)  # fmt: skip
_DEEPEST = 5
"""Names that stand for names are followed so far."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef
Constants = Mapping[str, ast.expr]
Nodes = Sequence[ast.AST]
"""All nodes of a function, walked once."""


@dataclass(frozen=True, slots=True)
class Body:
    """A function's requests, the plain names it calls, and whether it takes an error path at all.

    ``helped``: an error status is asserted of what a helper answered.
    """

    asked: tuple[Asked, ...]
    called: tuple[str, ...]
    error: bool
    helped: bool = False


def read(node: Definition, constants: Constants) -> Body:
    """What a function does, by its text alone."""
    nodes = tuple(ast.walk(node))
    own = {**constants, **_assigned(nodes)}
    refused, everywhere = _refused(node, nodes, own)
    broken = list(_broken(nodes))
    asked = []
    mine = set()
    for call, name in _requests(nodes):
        one = _asked(call, own)
        if one is None:
            continue
        mine |= {name, f"call@{call.lineno}"}
        inside = any(first <= call.lineno <= last for first, last in broken)
        asked.append(replace(one, error=inside or name in refused or _marked(call, refused)))
    if everywhere and not any(one.error for one in asked):
        asked = [replace(one, error=True) for one in asked]
    called = tuple(dict.fromkeys(_called(nodes)))
    return Body(tuple(asked), called, bool(refused or everywhere or broken), bool(refused - mine))


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
    if method in _GENERAL and len(arguments) > 1:
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


def _refused(node: Definition, nodes: Nodes, constants: Constants) -> tuple[frozenset[str], bool]:
    """The answers that are to have an error status, as name@line of their request; whether any other is."""
    lines = _bindings(nodes)
    names, everywhere = set(), False
    for one in nodes:
        subject = _error_asserted(one, node, constants)
        if subject is None:
            continue
        root = _root(subject)
        before = [line for line in lines.get(root, []) if line <= getattr(one, "lineno", 0)]
        if before:
            names.add(f"{root}@{max(before)}")
        elif isinstance(root, str) and root.startswith("call@"):
            names.add(root)
        else:
            everywhere = True
    return frozenset(names), everywhere


def _bindings(nodes: Nodes) -> dict[str, list[int]]:
    """For each name, the lines of the calls whose results it was given."""
    found: dict[str, list[int]] = {}
    for one in nodes:
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            calls = [c for c in ast.walk(one.value) if isinstance(c, ast.Call)]
            sent = [c.lineno for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr in _SENDS]
            lines = sent or [c.lineno for c in calls[:1]]
            found.setdefault(one.targets[0].id, []).extend(lines)
    return found


def _root(node: ast.expr) -> str:
    """The name at the bottom of ``a.b().c``, or the line of a request that was never named."""
    while True:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            return f"call@{node.lineno}"
        if isinstance(node, ast.Attribute | ast.Await | ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return node.id if isinstance(node, ast.Name) else ""


def _marked(call: ast.Call, refused: frozenset[str]) -> bool:
    return f"call@{call.lineno}" in refused


def _error_asserted(one: ast.AST, node: Definition, constants: Constants) -> ast.expr | None:
    """What has an error status by an assertion; None where the node asserts no such thing."""
    if isinstance(one, ast.Compare) and len(one.ops) == 1:
        return _compared(one, node, constants)
    if isinstance(one, ast.Assert):
        test, negated = one.test, False
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test, negated = test.operand, True
        wanted = _SUCCESS if negated else _FAILURE
        return test.value if isinstance(test, ast.Attribute) and test.attr in wanted else None
    if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in _EQUAL:
        first, second = (*one.args, one, one)[:2]
        if _is_status(first) and _is_error(second, node, constants):
            return first
        return second if _is_status(second) and _is_error(first, node, constants) else None
    return None


def _compared(one: ast.Compare, node: Definition, constants: Constants) -> ast.expr | None:
    left, right, how = one.left, one.comparators[0], one.ops[0]
    if isinstance(how, ast.NotEq | ast.NotIn | ast.Lt | ast.LtE):
        return None
    if _is_status(left) and _is_error(right, node, constants):
        return left
    return right if _is_status(right) and _is_error(left, node, constants) else None


def _is_status(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in _STATUS


def _is_error(node: ast.expr, inside: Definition, constants: Constants) -> bool:
    """Whether a value is an error status, or a collection of nothing else."""
    if isinstance(node, ast.Constant):
        return type(node.value) is int and 400 <= node.value < 600
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return bool(node.elts) and all(_is_error(one, inside, constants) for one in node.elts)
    if isinstance(node, ast.Attribute):
        text = ast.unparse(node)
        return bool(_NAMES.search(node.attr)) or (node.attr in _FAILED_NAMES and "tatus" in text)
    if isinstance(node, ast.Name):
        if node.id in constants and not isinstance(constants[node.id], ast.Name):
            return _is_error(constants[node.id], inside, constants)
        return any(_is_error(value, inside, constants) for value in _parametrized(node.id, inside))
    return False


def _parametrized(name: str, node: Definition) -> Iterator[ast.expr]:
    """The literal values of a parameter by ``pytest.mark.parametrize``."""
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or not ast.unparse(decorator.func).endswith("parametrize"):
            continue
        if len(decorator.args) < 2 or name not in re.findall(r"\w+", ast.unparse(decorator.args[0])):
            continue
        yield from (one for one in ast.walk(decorator.args[1]) if isinstance(one, ast.Constant))


def _broken(nodes: Nodes) -> Iterator[tuple[int, int]]:
    """The lines of blocks in which something is made to fail, or is expected to raise."""
    for one in nodes:
        if isinstance(one, ast.With | ast.AsyncWith) and any(_breaks(i.context_expr) for i in one.items):
            yield one.lineno, one.end_lineno or one.lineno


def _breaks(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
    return name in _RAISES or (name == "inject" and "seams" in ast.unparse(node.func))


def _called(nodes: Nodes) -> Iterable[str]:
    """The plain names, and the methods of self, that a body calls."""
    for call in (one for one in nodes if isinstance(one, ast.Call)):
        if isinstance(call.func, ast.Name):
            yield call.func.id
        elif isinstance(call.func, ast.Attribute) and _named(call.func).startswith(("self.", "cls.")):
            yield call.func.attr
