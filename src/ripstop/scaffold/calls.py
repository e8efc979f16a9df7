"""What one call of an external service says in the code: fields sent, fields read, the key's header."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ripstop.model.survey import Place
from ripstop.scaffold.project import Project

_IDEMPOTENCY = re.compile(r"idempot|request-?id", re.IGNORECASE)
_TYPES = {"str": "str", "int": "int", "float": "float", "bool": "bool", "list": "list", "dict": "dict"}
_JS_WINDOW = 25


@dataclass(frozen=True, slots=True)
class Seen:
    """``sends`` maps a field of the body to a Python type's name, ``object`` where it cannot be told."""

    sends: Mapping[str, str] = field(default_factory=dict)
    form: bool = False
    reads: tuple[str, ...] = ()
    header: str = ""


def look(project: Project, place: Place) -> Seen:
    """The call at a line, and what the function around it does with the reply."""
    text = project.text(place.path)
    if not place.path.endswith(".py"):
        return _javascript(text, place.line)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return Seen()
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    around = [f for f in functions if f.lineno <= place.line <= (f.end_lineno or f.lineno)]
    scope: ast.AST = max(around, key=lambda f: f.lineno) if around else tree
    at = [
        n
        for n in ast.walk(scope)
        if isinstance(n, ast.Call) and n.lineno <= place.line <= (n.end_lineno or n.lineno)
    ]
    called = max((n for n in at if n.keywords or n.args), key=lambda n: (_weight(n), n.lineno), default=None)
    return _python(called, scope) if called else Seen()


def _weight(call: ast.Call) -> int:
    return sum(one.arg in ("json", "data", "headers", "content", "params") for one in call.keywords)


def _python(call: ast.Call, scope: ast.AST) -> Seen:
    given = {one.arg: _literal(one.value, scope) for one in call.keywords if one.arg}
    types = {a.arg: ast.unparse(a.annotation) for a in _parameters(scope) if a.annotation}
    body = given.get("json") or given.get("data")
    sends = {
        name: _TYPES.get(_type(value, types), "object")
        for name, value in (_items(body) if isinstance(body, ast.Dict) else ())
    }
    headers = given.get("headers")
    named = [name for name, _ in _items(headers)] if isinstance(headers, ast.Dict) else []
    header = next((name for name in named if _IDEMPOTENCY.search(name)), "")
    return Seen(
        sends, "json" not in given and "data" in given, tuple(dict.fromkeys(_read(call, scope))), header
    )


def _parameters(scope: ast.AST) -> list[ast.arg]:
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return [*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs]
    return []


def _literal(node: ast.expr, scope: ast.AST) -> ast.expr:
    """A dict that was assigned to a name before, by that name."""
    if isinstance(node, ast.Name):
        for one in ast.walk(scope):
            targets = (
                one.targets
                if isinstance(one, ast.Assign)
                else [one.target]
                if isinstance(one, ast.AnnAssign)
                else []
            )
            if any(isinstance(t, ast.Name) and t.id == node.id for t in targets) and one.value:  # type: ignore[attr-defined]
                value: ast.expr = one.value  # type: ignore[attr-defined]
                return value
    return node


def _items(node: ast.Dict) -> Iterator[tuple[str, ast.expr]]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, value


def _type(node: ast.expr, types: Mapping[str, str]) -> str:
    if isinstance(node, ast.Constant):
        return type(node.value).__name__
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    if isinstance(node, ast.Name):
        return types.get(node.id, "")
    kinds: Mapping[type[ast.expr], str] = {ast.Dict: "dict", ast.List: "list", ast.JoinedStr: "str"}
    return kinds.get(type(node), "")


def _read(call: ast.Call, scope: ast.AST) -> Iterator[str]:
    """Keys asked of the reply's body: of ``reply.json()``, or of a name it was given."""
    replies, bodies = {ast.dump(call)}, set()
    for _ in range(2):
        for node in ast.walk(scope):
            if (
                isinstance(node, ast.Assign)
                and len(node.targets) == 1
                and isinstance(node.targets[0], ast.Name)
            ):
                value = node.value.value if isinstance(node.value, ast.Await) else node.value
                name = ast.dump(ast.Name(node.targets[0].id, ast.Load()))
                if ast.dump(value) in replies:
                    replies.add(name)
                elif _is_body(value, replies):
                    bodies.add(name)
    for node in ast.walk(scope):
        owner, key = _asked(node)
        if key and owner is not None and (_is_body(owner, replies) or ast.dump(owner) in bodies):
            yield key


def _is_body(node: ast.expr, replies: set[str]) -> bool:
    inner = node.value if isinstance(node, ast.Await) else node
    return (
        isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Attribute)
        and inner.func.attr == "json"
        and ast.dump(inner.func.value) in replies
    )


def _asked(node: ast.AST) -> tuple[ast.expr | None, str]:
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    ):
        return node.value, node.slice.value
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and node.args
    ):
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return node.func.value, first.value
    return None, ""


def _javascript(text: str, line: int) -> Seen:
    """By the words after the call: this is a skeleton's beginning, and a run tells the rest."""
    window = "\n".join(text.splitlines()[line - 1 : line - 1 + _JS_WINDOW])
    sent = re.search(
        r"(?:JSON\.stringify\(|\.(?:post|put|patch)\([^,{]*,|\bjson:|\bdata:)\s*\{([^{}]*)\}", window
    )
    header = re.search(r"['\"]([\w-]*[Ii]dempot[\w-]*)['\"]", window)
    taken = re.search(r"(?:const|let)\s*\{([^{}]*)\}\s*=\s*(?:\(?await\s+\w+\.json\(\)|\w+\.data)", window)
    reads = _names(taken[1]) if taken else ()
    return Seen(
        dict.fromkeys(_names(sent[1]) if sent else (), "object"),
        "URLSearchParams" in window,
        reads,
        header[1] if header else "",
    )


def _names(written: str) -> tuple[str, ...]:
    """The keys of an object or a pattern, spreads left out."""
    parts = (part.strip().partition(":")[0].strip().strip("'\"") for part in written.split(","))
    return tuple(part for part in parts if re.fullmatch(r"[A-Za-z_$][\w$]*", part))
