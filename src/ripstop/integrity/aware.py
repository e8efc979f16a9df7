"""Code that looks at who runs it: a test runner, its callers, the tests' own files. Told by syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ripstop.suite.touching import FOLDERS

_RUNNERS = ("PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER")
_PYTEST = frozenset({"pytest", "_pytest", "py.test"})
_ASKED = _PYTEST | {"unittest", "ripstop"}
_IMPORTED = _PYTEST | {"unittest"}
_LOOKS = frozenset({"_getframe", "_getframemodulename", "_current_frames", "f_back", "getouterframes",
                    "currentframe", "extract_stack", "walk_stack"})  # fmt: skip
_READ = frozenset({"open", "Path", "PurePath", "joinpath", "join", "glob", "iglob", "rglob", "listdir",
                   "scandir", "walk", "import_module", "__import__", "find_spec", "run_path",
                   "run_module"})  # fmt: skip
_OF_INSPECT = _LOOKS | {"stack"}
_ALIKE = {"__eq__": "equals", "__ne__": "differs from"}


@dataclass(frozen=True, slots=True)
class Names:
    """What tests go by: ``files`` by path and name, ``modules`` of them and their packages, ``folders``."""

    files: frozenset[str]
    modules: frozenset[str]
    folders: frozenset[str]


def own_names(tests: Iterable[str]) -> Names:
    """From the paths of tests' files."""
    paths = [PurePosixPath(one) for one in tests]
    depths = [
        (one.parts, next((i for i, p in enumerate(one.parts[:-1]) if p in FOLDERS), None)) for one in paths
    ]
    folders = {parts[: depth + 1] for parts, depth in depths if depth is not None}
    places = {one.with_suffix("").parts for one in paths} | folders
    modules = {".".join(parts[parts[0] == "src" :]) for parts in places}
    return Names(
        frozenset({str(one) for one in paths} | {one.name for one in paths}),
        frozenset(modules | {one.stem for one in paths}),
        frozenset(parts[-1] for parts in folders),
    )


def aware(tree: ast.AST, names: Names) -> Iterator[tuple[int, str]]:
    """Each line that looks, and at what; ``names`` are those of the tests."""
    for node in ast.walk(tree):
        if said := _runner(node) or _loaded(node) or _callers(node) or _files(node, names) or _alike(node):
            yield getattr(node, "lineno", 0), said


def _runner(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)) if text in _RUNNERS:
            return f"asks for {text}"
        case ast.Import(names=names) if any(_first(one.name) in _IMPORTED for one in names):
            return "imports a test runner"
        case ast.ImportFrom(module=str(module), level=0) if _first(module) in _IMPORTED:
            return "imports a test runner"
    return ""


def _loaded(node: ast.AST) -> str:
    """Asks of a runner by name: among the modules, in what was called."""
    match node:
        case ast.Compare(left=ast.Constant(value=str(name)), comparators=[where]):
            asked = name in _PYTEST or (name in _ASKED and _is_modules(where))
        case ast.Subscript(value=where, slice=ast.Constant(value=str(name))):
            asked = name in _ASKED and _is_modules(where)
        case ast.Call(func=ast.Attribute(value=where), args=[ast.Constant(value=str(name)), *_]):
            asked = name in _PYTEST or (name in _ASKED and _is_modules(where))
        case ast.Call(args=[ast.Constant(value=str(name)), *_]):
            asked = name in _PYTEST
        case _:
            return ""
    return f"asks whether {name} is loaded" if asked else ""


def _callers(node: ast.AST) -> str:
    match node:
        case ast.Attribute(attr=name) if name in _LOOKS:
            return f"looks at its callers ({name})"
        case ast.Attribute(value=ast.Name(id="inspect"), attr="stack"):
            return "looks at its callers (stack)"
        case ast.ImportFrom(module="inspect" | "sys" | "traceback", names=names):
            found = [one.name for one in names if one.name in _OF_INSPECT]
            return f"looks at its callers ({found[0]})" if found else ""
    return ""


def _files(node: ast.AST, names: Names) -> str:
    """Names a test's file or folder in a call or a path, or imports one."""
    match node:
        case ast.Call(func=called, args=arguments):
            told = [one.value for one in arguments if isinstance(one, ast.Constant)]
            reads = ast.unparse(called).rpartition(".")[2] in _READ
            found = [one for one in told if isinstance(one, str) and _is_test(one, names, folders=reads)]
        case ast.BinOp(op=ast.Div(), right=ast.Constant(value=str(name))):
            found = [name] if _is_test(name, names, folders=True) else []
        case ast.Import(names=imported):
            found = [one.name for one in imported if _is_module(one.name, names)]
        case ast.ImportFrom(module=str(module)):
            found = [module] if _is_module(module, names) else []
        case _:
            return ""
    return f"reads of the tests ({found[0]})" if found else ""


def _is_test(text: str, names: Names, *, folders: bool) -> bool:
    path = PurePosixPath(text)
    if path.name in names.files or str(path) in names.files:
        return True
    return folders and (_is_module(text, names) or bool(names.folders.intersection(path.parts)))


def _is_module(name: str, names: Names) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in names.modules)


def _alike(node: ast.AST) -> str:
    """A comparison that answers without a look at what it is held against."""
    match node:
        case ast.FunctionDef(name=name, args=arguments, body=body) if name in _ALIKE:
            told = [one.value for part in body for one in ast.walk(part) if isinstance(one, ast.Return)]
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(args=arguments, body=told_one)):
            body, told = [ast.Expr(told_one)], [told_one]
        case _:
            return ""
    others = [one.arg for one in [*arguments.posonlyargs, *arguments.args][1:2]]
    used = {one.id for part in body for one in ast.walk(part) if isinstance(one, ast.Name)}
    answers = [one for one in told if not (isinstance(one, ast.Name) and one.id == "NotImplemented")]
    if name in _ALIKE and answers and not used.intersection(others):
        return f"{_ALIKE[name]} whatever it is held against, or nothing"
    return ""


def _is_modules(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="modules") | ast.Name(id="modules"):
            return True
    return False


def _first(name: str) -> str:
    return name.partition(".")[0]
