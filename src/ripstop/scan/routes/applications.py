"""Finds the applications of a project and how each is started: by what starts it now, else by syntax.

Starts and imports nothing. The files that start a project are read in `started`, commands in `commands`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ripstop.model.survey import Place, Route, Sureness
from ripstop.scan.code import Codebase, Function, Shape
from ripstop.scan.routes.classes import is_a
from ripstop.scan.routes.commands import Start, command_for, start_of
from ripstop.scan.routes.made import MADE, MODULE, calls, followed, method_of
from ripstop.scan.routes.started import Command, Project, commands, configured, projects

CLASSES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fastapi": (("fastapi",), ("FastAPI",)),
    "litestar": (("litestar",), ("Litestar",)),
    "flask": (("flask", "quart", "apiflask", "flask_openapi3"), ("Flask", "Quart", "APIFlask", "OpenAPI")),
    "starlette": (("starlette",), ("Starlette",)),
}
"""Each framework's packages and application classes."""

_FACTORY = re.compile(
    r"(create|make|build|get|init)_?(\w+_)?(app|application|api|server)|app_factory|factory"
)
_TESTS = re.compile(
    r"(^|/)(tests?|testing|conftest\.py|test_[^/]*|[^/]*_test\.py|examples?|docs?(_src)?)(/|$)"
)
_READY = tuple(
    f"/{name}" for name in ("health", "healthz", "health/", "ready", "readyz", "livez", "status", "ping")
)
"""The usual paths of readiness, best first."""
_READY_WORD = re.compile(r"health|ready|readiness|alive|liveness|ping|status|heartbeat")


@dataclass(frozen=True, slots=True)
class Application:
    """An application and how to start it.

    ``kind`` is the framework, empty where only the import can tell. ``target`` is ``module:name``, with
    ``()`` after a factory; empty for a Django project without a WSGI or ASGI module. ``command`` has
    ``{port}`` in it and is run in ``folder``, relative to the root. ``settings`` is Django's settings
    module. ``env`` are variables that what starts it now gives it as plain texts.
    """

    kind: str
    target: str
    command: str
    place: Place
    sureness: Sureness = Sureness.CERTAIN
    folder: str = ""
    settings: str = ""
    env: Mapping[str, str] = field(default_factory=dict)


def applications(root: Path, code: Codebase) -> tuple[Application, ...]:
    """The applications, surest first: configured, started by a file of the repository, seen in the code.

    Where the configuration names one that can be imported it is the only one.
    """
    seen = {one.target: one for one in _by_syntax(code)}
    django = tuple(_project(one) for one in projects(root))
    stated = configured(root)
    if stated is not None:
        one = _known(replace(_started(stated), command=stated.text, env=stated.env), seen, django)
        if one.target or one.settings:
            return (one,)
    started = [_known(one, seen, django) for one in map(_started, commands(root)) if one.target or one.kind]
    found: dict[tuple[str, str], Application] = {}
    for one in (*started, *django, *seen.values()):
        if one.target or one.settings:
            found.setdefault((one.settings or one.target, one.folder), one)
    return tuple(_less_alike(found.values()))


def is_a_test(path: str) -> bool:
    """Whether a file is a test, an example or a document, rather than part of the service."""
    return _TESTS.search(path) is not None


def ready_paths(routes: Iterable[Route]) -> tuple[str, ...]:
    """Paths that may say whether the service is up, best first: GET, nothing variable, nobody to be."""
    open_ones = [one for one in routes if one.method == "GET" and "{" not in one.path]
    words = [one for one in open_ones if _READY_WORD.search(one.path.lower())]

    def worth(one: Route) -> tuple[bool, int, int]:
        known = _READY.index(one.path) if one.path in _READY else len(_READY)
        return (bool(one.guards), known, len(one.path))

    rest = [one for one in open_ones if one.path == "/"]
    return tuple(dict.fromkeys(one.path for one in (*sorted(words, key=worth), *rest)))


def _known(one: Application, seen: Mapping[str, Application], django: Iterable[Application]) -> Application:
    """The same with what the code tells of it: its framework, its factory, Django's settings."""
    module = one.target.partition(":")[0]
    same = seen.get(one.target) or seen.get(f"{one.target}()")
    if same is None and one.target and ":" not in one.target:
        same = next((other for other in seen.values() if other.target.partition(":")[0] == module), None)
    if same is not None:
        command = one.command if ":" in one.target else same.command
        return replace(
            one, kind=same.kind, target=same.target, command=command, folder=one.folder or same.folder
        )
    project = next(
        (other for other in django if one.kind == "django" or other.target.partition(":")[0] == module), None
    )
    if project is not None:
        return replace(
            one,
            kind="django",
            target=one.target or project.target,
            settings=one.settings or project.settings,
            folder=one.folder or project.folder,
        )
    return one


def _less_alike(found: Iterable[Application]) -> Iterator[Application]:
    """Without those that two files tell of with one folder more or less."""
    kept: dict[tuple[str, str], Application] = {}
    for one in found:
        kept.setdefault((one.target, one.settings), one)
    yield from kept.values()


def _started(command: Command) -> Application:
    start = start_of(command.text)
    folder = str(PurePosixPath(command.folder) / start.folder) if start.folder else command.folder
    return Application(
        start.kind,
        start.target,
        command_for(start),
        command.place,
        folder="" if folder == "." else folder,
        settings=start.settings,
    )


def _project(one: Project) -> Application:
    start = Start("manage" if one.has_manage else "django", "django", one.target, settings=one.settings)
    return Application(
        "django", one.target, command_for(start), one.place, folder=one.folder, settings=one.settings
    )


def _by_syntax(code: Codebase) -> Iterator[Application]:
    """Applications made at the top of a module, then functions that make one and answer with it."""
    below = _mounted(code)
    factories = {one.name: kind for one in code.functions.values() if (kind := _factory_kind(one, code))}
    for name, held in code.constants.items():
        value, owner = followed(held, code), name.rpartition(".")[0]
        if held.shape is Shape.NAME and module_body_of(held.text, code) is not None:
            continue
        body = code.functions.get(owner + MODULE)
        kind = (_kind(value.text, code) or factories.get(value.text, "")) if value.shape in MADE else ""
        if body is None or not kind or name in below or is_a_test(body.place.path):
            continue
        factories.pop(value.text, None)
        yield _seen(kind, name, "", body, code)
    for name, kind in factories.items():
        function = code.functions[name]
        if not is_a_test(function.place.path) and not _needs_arguments(function):
            yield _seen(kind, name, "()", function, code)


def _seen(kind: str, name: str, called: str, function: Function, code: Codebase) -> Application:
    module, _, variable = name.rpartition(".")
    start = Start("", kind, f"{module}:{variable}{called}")
    line = next(
        (one.place.line for one in function.calls if _kind(one.name, code) or one.name in code.functions),
        function.place.line,
    )
    place = Place(function.place.path, function.place.line if called else line, name)
    sure = Sureness.LIKELY if not called else Sureness.GUESS
    return Application(
        kind, start.target, command_for(start), place, sure, _folder(function.place.path, module)
    )


def _folder(path: str, module: str) -> str:
    """Where imports start for a module: its path without the module's own part."""
    stem = path.removesuffix(".py").removesuffix("/__init__")
    return (
        stem.removesuffix(module.replace(".", "/")).strip("/")
        if stem.endswith(module.replace(".", "/"))
        else ""
    )


def _kind(made: str, code: Codebase) -> str:
    return next((kind for kind, (roots, names) in CLASSES.items() if is_a(made, roots, names, code)), "")


def _factory_kind(function: Function, code: Codebase) -> str:
    """The framework whose application a top-level function makes; by what it returns, else by its name."""
    if function.name.endswith(MODULE) or module_body_of(function.name, code) is None:
        return ""
    if function.returns and (kind := _kind(function.returns, code)):
        return kind
    if not _FACTORY.fullmatch(function.name.rpartition(".")[2]):
        return ""
    return next((kind for call in function.calls if (kind := _kind(call.name, code))), "")


def module_body_of(name: str, code: Codebase) -> Function | None:
    """The body of the module in which a name stands at the top; None for methods and inner ones."""
    return code.functions.get(name.rpartition(".")[0] + MODULE)


def _needs_arguments(function: Function) -> bool:
    return any(one.default is None and not one.name.startswith("*") for one in function.parameters)


def _mounted(code: Codebase) -> set[str]:
    """The names given to ``mount`` and its like: applications inside others."""
    found: set[str] = set()
    for _, call in calls(code):
        if method_of(call) in ("mount", "Mount", "DispatcherMiddleware"):
            found |= {one.value.text for one in call.arguments if one.value.shape is Shape.NAME}
    return found
