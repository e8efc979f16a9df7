"""The settings a service reads from its environment: their names, defaults and types, by syntax.

What each is given is `environment.py`'s business.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ripstop.scaffold.project import Project

_EXAMPLES = (
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    "example.env",
    "env.example",
    ".env",
    ".env.local",
    ".env.development",
    ".env.dev",
    ".env.test",
)
_READERS = ("str", "int", "bool", "float", "url", "list", "json", "db", "path", "db_url", "cache_url")
_JS_READ = re.compile(
    r"""process\.env(?:\.([A-Za-z_]\w*)|\[['"](\w+)['"]\])(?:!|\s)*"""
    r"""(?:(?:\?\?|\|\|)\s*(['"`])?([\w./:@ -]*))?"""
)
_JS_TAKEN = re.compile(r"\{([^{}]*)\}\s*=\s*process\.env\b")
_NOT_OURS = frozenset({"NODE_ENV", "CI", "HOME", "PATH", "USER", "TZ", "PWD", "LANG"})


@dataclass(frozen=True, slots=True)
class Setting:
    """``default`` is the text of the default, None where there is none or none that can be read.

    ``required``: without it the service does not start. ``example`` is what an example file gives it;
    ``type`` is its annotation or the cast it is read with.
    """

    name: str
    place: str
    required: bool = False
    default: str | None = None
    example: str | None = None
    type: str = ""


def settings(project: Project) -> dict[str, Setting]:
    """Every setting by name, in order of name. What one place requires is required."""
    found: dict[str, Setting] = {}
    for one in (*_python(project), *_javascript(project)):
        if one.name not in _NOT_OURS:
            found[one.name] = _merged(found.get(one.name), one)
    for name, (value, place) in examples(project).items():
        known = found.get(name) or _spelled(found, name) or Setting(name, place)
        found[known.name] = replace(known, example=value)
    return dict(sorted(found.items()))


def examples(project: Project) -> dict[str, tuple[str, str]]:
    """What files such as `.env.example` say: value and file by name. The first file that names one counts."""
    found: dict[str, tuple[str, str]] = {}
    for folder in dict.fromkeys(
        ["", *(path.rpartition("/")[0] for path in project.files if path.count("/") == 1)]
    ):
        for file in _EXAMPLES:
            path = f"{folder}/{file}" if folder else file
            for name, value in _lines(project.text(path)):
                found.setdefault(name, (value, path))
    return found


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if match := re.match(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)", line):
            value = match[2].strip()
            quoted = re.match(r"(['\"])(.*?)\1", value)
            yield match[1], quoted[2] if quoted else re.sub(r"\s+#.*", "", value)


def _spelled(found: Mapping[str, Setting], name: str) -> Setting | None:
    return next((one for known, one in found.items() if known.lower() == name.lower()), None)


def _merged(known: Setting | None, one: Setting) -> Setting:
    if known is None:
        return one
    first = known if known.required or not one.required else one
    return replace(first, default=known.default if known.default is not None else one.default)


def _python(project: Project) -> Iterator[Setting]:
    for path in project.code(".py"):
        text = project.text(path)
        if not re.search(r"environ|getenv|BaseSettings|config\(|[Ee]nv\b", text):
            continue
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        around = _around(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield from (_within(one, around.get(node, ())) for one in _called(node, path))
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                yield from _subscript(node, path)
            elif isinstance(node, ast.ClassDef) and _is_settings(node):
                yield from _fields(node, path)


def _around(tree: ast.Module) -> dict[ast.expr, tuple[ast.expr, ...]]:
    """What stands around an expression: the ``or`` that gives it a default, the call that gives it a type."""
    found: dict[ast.expr, tuple[ast.expr, ...]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            found[node.values[0]] = (node,)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) == 1 and not isinstance(node.func, ast.Call):
            inner = node.args[0]
            inner = inner.values[0] if isinstance(inner, ast.BoolOp) else inner
            found[inner] = (*found.get(inner, ()), node)
    return found


def _within(one: Setting, around: tuple[ast.expr, ...]) -> Setting:
    """A setting with what the expression around it says: ``int(os.getenv("TTL") or "15")``."""
    for node in around:
        if isinstance(node, ast.BoolOp) and one.default is None and not one.required:
            one = replace(one, default=_constant(node.values[-1]))
        elif isinstance(node, ast.Call) and not one.type:
            one = replace(one, type=_cast(_dotted(node.func).rpartition(".")[2]))
    return one


def _cast(function: str) -> str:
    """The type that a function makes of a text, as far as its name says: ``as_bool``, ``strtobool``."""
    return next((kind for kind in ("bool", "int", "float") if kind in function.lower()), "")


def _subscript(node: ast.Subscript, path: str) -> Iterator[Setting]:
    if _dotted(node.value).endswith("environ") and isinstance(node.slice, ast.Constant):
        yield Setting(str(node.slice.value), f"{path}:{node.lineno}", required=True)


def _called(node: ast.Call, path: str) -> Iterator[Setting]:
    """``os.environ.get``, ``os.getenv``, and the calls of decouple, environs and their kin."""
    name = _dotted(node.func)
    if not node.args or not isinstance(node.args[0], ast.Constant) or not isinstance(node.args[0].value, str):
        return
    setting, place = node.args[0].value, f"{path}:{node.lineno}"
    given = next((k.value for k in node.keywords if k.arg == "default"), None)
    if name.endswith(("environ.get", "getenv")):
        default = node.args[1] if len(node.args) > 1 else given
        yield Setting(setting, place, default=_constant(default))
    elif _reads(name) and re.fullmatch(r"[A-Z][A-Z0-9_]+", setting):
        cast = next((ast.unparse(k.value) for k in node.keywords if k.arg == "cast"), name.rpartition(".")[2])
        yield Setting(setting, place, required=given is None, default=_constant(given), type=cast)


def _reads(name: str) -> bool:
    owner, _, method = name.rpartition(".")
    return name in ("config", "env", "environ") or (owner in ("env", "config") and method in _READERS)


def _is_settings(node: ast.ClassDef) -> bool:
    return any(_dotted(base).endswith("BaseSettings") for base in node.bases)


def _fields(node: ast.ClassDef, path: str) -> Iterator[Setting]:
    """The fields of a pydantic settings class, by the names of their variables."""
    prefix = _prefix(node)
    for one in node.body:
        if not isinstance(one, ast.AnnAssign) or not isinstance(one.target, ast.Name):
            continue
        kind = ast.unparse(one.annotation)
        if one.target.id == "model_config" or "ClassVar" in kind:
            continue
        call = (
            one.value
            if isinstance(one.value, ast.Call) and _dotted(one.value.func).endswith("Field")
            else None
        )
        name = _alias(call) or f"{prefix}{one.target.id}".upper()
        default = _field_default(call) if call else one.value
        yield Setting(name, f"{path}:{one.lineno}", default is None, _constant(default), type=kind)


def _prefix(node: ast.ClassDef) -> str:
    found = re.search(r"env_prefix\s*=\s*['\"](\w*)['\"]", ast.unparse(node))
    return found[1] if found else ""


def _alias(call: ast.Call | None) -> str:
    for keyword in call.keywords if call else ():
        if keyword.arg in ("env", "alias", "validation_alias") and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return ""


def _field_default(call: ast.Call) -> ast.expr | None:
    given = [k.value for k in call.keywords if k.arg in ("default", "default_factory")] or call.args[:1]
    missing = not given or (isinstance(given[0], ast.Constant) and given[0].value is Ellipsis)
    return None if missing else given[0]


def _constant(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Constant) and node.value is not None:
        return str(node.value)
    return "" if node is not None and not isinstance(node, ast.Constant) else None


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _javascript(project: Project) -> Iterator[Setting]:
    for path in project.code(".js", ".ts", ".mjs", ".cjs", ".tsx", ".prisma"):
        text = project.text(path)
        yield from _prisma(text, path) if path.endswith(".prisma") else _js_settings(text, path)


def _prisma(text: str, path: str) -> Iterator[Setting]:
    for found in re.finditer(r"""\benv\(["'](\w+)["']\)""", text):
        yield Setting(found[1], f"{path}:{_line(text, found.start())}", required=True)


def _js_settings(text: str, path: str) -> Iterator[Setting]:
    for found in _JS_READ.finditer(text):
        default = found[4] or None
        place = f"{path}:{_line(text, found.start())}"
        yield Setting(found[1] or found[2], place, required=default is None, default=default)
    for found in _JS_TAKEN.finditer(text):
        place = f"{path}:{_line(text, found.start())}"
        yield from (_taken(part, place) for part in found[1].split(",") if part.strip())


def _taken(part: str, place: str) -> Setting:
    name, _, default = part.partition("=")
    value = default.strip().strip("'\"`") or None
    return Setting(name.partition(":")[0].strip(), place, required=value is None, default=value)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def names(found: Iterable[Setting]) -> frozenset[str]:
    return frozenset(one.name for one in found)
