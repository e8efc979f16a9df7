"""What a Python handler asks of its request, by its syntax tree and those of helpers it hands the body."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from ripstop.model.survey import Route
from ripstop.scaffold.checks import checked
from ripstop.scaffold.models import schema_of
from ripstop.scaffold.project import Project
from ripstop.scaffold.reading import Asked, Field, Found

Handler = ast.FunctionDef | ast.AsyncFunctionDef
_JSON = re.compile(
    r"\b(get_json\(|json\.loads\(\s*request\.(body|data|get_data)|request\.json\b|\.json\(\)|request\.data\b|\.get_json\b)"
)
_FORM = re.compile(r"\brequest\.(form|POST)\b|await request\.form\(\)")
_QUERY = re.compile(r"\brequest\.(args|GET|query_params)\b")
_HEADERS = re.compile(r"\brequest\.(headers|META)\b")
_PLAIN = re.compile(r"^(dict|Dict|Mapping|Any|typing\.)|^dict\[")
_SCALARS = {"str", "int", "float", "bool", "UUID", "uuid.UUID", "date", "datetime", "Decimal"}
_NOT_BODY = re.compile(
    r"Depends|Request\b|Response|Session|BackgroundTasks|WebSocket|Query\(|Path\(|Header\(|Cookie\(|Security|Injected|HttpRequest"
)
_JSON_TYPES = (
    ("UUID", "uuid"),
    ("datetime", "date-time"),
    ("date", "date"),
    ("int", "integer"),
    ("float|Decimal", "number"),
    ("bool", "boolean"),
    ("str", "string"),
    ("list|List", "array"),
)
_DEPTH = 3


def read(project: Project, route: Route) -> Asked:
    """What the handler of a route asks for; empty where it is not found."""
    tree = _tree(project.text(route.place.path))
    handler = handler_of(tree, route) if tree else None
    found = Found()
    if tree is None or handler is None:
        return found.asked()
    _parameters(handler, route, project, found)
    _serializer(handler, tree, project, found)
    _follow(handler, tree, _body_names(handler, route), found, 0)
    return found.asked()


def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def handler_of(tree: ast.Module, route: Route) -> Handler | None:
    """The function that answers: by its qualified name's end, else by the line."""
    last = route.handler.rpartition(".")[2]
    every = [n for n in ast.walk(tree) if isinstance(n, Handler)]
    here = [n for n in every if _first_line(n) <= route.place.line <= (n.end_lineno or n.lineno)]
    named = [n for n in here or every if n.name == last]
    if named:
        return named[0]
    classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == last]
    methods = [m for c in classes for m in c.body if isinstance(m, Handler)]
    wanted = {
        route.method.lower(),
        {"POST": "create", "PUT": "update", "DELETE": "destroy"}.get(route.method, ""),
    }
    return next((m for m in methods if m.name in wanted), None) or next(iter(here), None)


def _first_line(node: Handler) -> int:
    return min([node.lineno, *(one.lineno for one in node.decorator_list)])


def _arguments(node: Handler) -> list[tuple[ast.arg, ast.expr | None]]:
    args = [*node.args.posonlyargs, *node.args.args]
    padded = [*[None] * (len(args) - len(node.args.defaults)), *node.args.defaults]
    return [*zip(args, padded, strict=True), *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]


def _parameters(handler: Handler, route: Route, project: Project, found: Found) -> None:
    """Parameters of FastAPI and its kin: a model is the body, ``Form`` and ``Header`` say so, else query."""
    for argument, default in _arguments(handler):
        kind = ast.unparse(argument.annotation) if argument.annotation else ""
        said = f"{kind} {ast.unparse(default) if default else ''}"
        if "OAuth2PasswordRequestForm" in said:
            found.form = True
            for name in ("username", "password"):
                found.add(found.body, Field(name, "string"))
        elif re.search(r"\bForm\(", said):
            found.form = True
            found.add(found.body, Field(argument.arg, _json_type(kind)))
        elif re.search(r"\bHeader\b", said):
            alias = re.search(r"alias=['\"]([\w-]+)", said)
            found.headers.append(
                alias[1] if alias else "-".join(w.capitalize() for w in argument.arg.split("_"))
            )
        elif route.framework.lower() in ("fastapi", "litestar") and kind and not _NOT_BODY.search(said):
            _typed(argument.arg, kind, default is not None, route, project, found)


def _typed(name: str, kind: str, optional: bool, route: Route, project: Project, found: Found) -> None:
    bare = re.sub(r"\s*\|\s*None|Optional\[|Annotated\[|\]|,.*", "", kind).strip()
    if f"{{{name}}}" in route.path or _PLAIN.match(bare):
        return
    if bare in _SCALARS:
        found.add(found.query, Field(name, _json_type(bare), optional=optional))
    elif found.schema is None:
        found.schema = schema_of(project, bare.rpartition(".")[2])


def _serializer(handler: Handler, tree: ast.Module, project: Project, found: Found) -> None:
    """The class that Django REST framework reads the body with."""
    owner = next((c for c in ast.walk(tree) if isinstance(c, ast.ClassDef) and handler in c.body), handler)
    named = re.search(r"(?:serializer_class\s*=\s*|=\s*)(\w+Serializer)\b", ast.unparse(owner))
    if named and found.schema is None:
        found.schema = schema_of(project, named[1])


def _json_type(kind: str) -> str:
    return next((name for pattern, name in _JSON_TYPES if re.search(rf"\b({pattern})\b", kind)), "")


def _body_names(handler: Handler, route: Route) -> frozenset[str]:
    """Parameters that hold the whole body: mappings without a model."""
    if route.framework.lower() not in ("fastapi", "litestar"):
        return frozenset()
    return frozenset(
        a.arg
        for a, default in _arguments(handler)
        if a.annotation
        and _PLAIN.match(ast.unparse(a.annotation))
        and not (default and _NOT_BODY.search(ast.unparse(default)))
    )


def _follow(function: Handler, tree: ast.Module, names: frozenset[str], found: Found, depth: int) -> None:
    """The fields a function asks for, and those asked for by functions of the module it gives the body to."""
    bodies, forms = set(names), set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            said = ast.unparse(node.value)
            if isinstance(target, ast.Name) and not isinstance(node.value, ast.Subscript):
                whole = not re.search(r"\.get\(|\.pop\(|\[", said.replace("get_json(", ""))
                if whole and _JSON.search(said):
                    bodies.add(target.id)
                elif whole and _FORM.search(said):
                    forms.add(target.id)
    for node in in_order(function):
        _take(node, frozenset(bodies), frozenset(forms), found)
    checked(function, tree, found.body)
    if depth < _DEPTH:
        for helper, parameter in _handed(function, tree, frozenset(bodies)):
            _follow(helper, tree, frozenset({parameter}), found, depth + 1)


def in_order(function: ast.AST) -> list[ast.expr | ast.stmt]:
    """What is in a function, as it is written; ``ast.walk`` goes by depth."""
    placed = [node for node in ast.walk(function) if isinstance(node, ast.expr | ast.stmt)]
    return sorted(placed, key=lambda node: (node.lineno, node.col_offset))


def _take(node: ast.AST, bodies: frozenset[str], forms: frozenset[str], found: Found) -> None:
    for owner, name, optional in _keys(node):
        said = ast.unparse(owner)
        if _HEADERS.search(said):
            found.headers.append(_header(name))
        elif _QUERY.search(said):
            found.add(found.query, Field(name, optional=optional))
        elif said in bodies or (_JSON.search(said) and "response" not in said.lower() and "request" in said):
            found.add(found.body, Field(name, optional=optional))
        elif said in forms or _FORM.search(said):
            found.form = True
            found.add(found.body, Field(name, optional=optional))


def _header(name: str) -> str:
    """Django spells ``HTTP_IDEMPOTENCY_KEY`` what the wire calls Idempotency-Key."""
    if name.startswith("HTTP_"):
        return "-".join(word.capitalize() for word in name.removeprefix("HTTP_").split("_"))
    return name


def _keys(node: ast.AST) -> Iterator[tuple[ast.expr, str, bool]]:
    """Owner, key, whether there is a default: ``owner["key"]``, ``owner.get("key")``, ``"key" in owner``."""
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    ):
        yield node.value, node.slice.value, False
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("get", "pop")
        and node.args
    ):
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield node.func.value, first.value, len(node.args) > 1
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        left = node.left.value if isinstance(node.left, ast.Constant) else None
        yield from [(node.comparators[0], left, False)] if isinstance(left, str) else ()


def _handed(function: Handler, tree: ast.Module, bodies: frozenset[str]) -> Iterator[tuple[Handler, str]]:
    known = {n.name: n for n in tree.body if isinstance(n, Handler)}
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
            helper = known[node.func.id]
            yield from _given(node.args, helper, bodies) if helper is not function else ()


def _given(
    arguments: Sequence[ast.expr], helper: Handler, bodies: frozenset[str]
) -> Iterator[tuple[Handler, str]]:
    for position, argument in enumerate(arguments):
        if isinstance(argument, ast.Name) and argument.id in bodies and position < len(helper.args.args):
            yield helper, helper.args.args[position].arg
