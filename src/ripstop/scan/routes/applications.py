"""Finds the applications of a project and how each is started: by what starts it now, else by syntax.

Reads a few well-known files; starts and imports nothing. Commands are taken apart in `commands`.
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from ripstop.model.survey import Place, Route, Sureness
from ripstop.scan.code import Codebase, Function, Shape
from ripstop.scan.routes.commands import Start, command_for, start_of
from ripstop.scan.routes.made import MADE, MODULE, calls, is_a, method_of

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
_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE['\"]\s*[,\]]\s*=?\s*['\"]([\w.]+)['\"]")
_TESTS = re.compile(
    r"(^|/)(tests?|testing|conftest\.py|test_[^/]*|[^/]*_test\.py|examples?|docs?(_src)?)(/|$)"
)
_READY = (
    "/health",
    "/healthz",
    "/health/",
    "/ready",
    "/readyz",
    "/readiness",
    "/livez",
    "/liveness",
    "/status",
    "/ping",
)
_READY_WORD = re.compile(r"health|ready|readiness|alive|liveness|ping|status|heartbeat")
_LIMIT_BYTES = 200_000
_SCRIPTS = (
    "start.sh",
    "run.sh",
    "entrypoint.sh",
    "docker-entrypoint.sh",
    "scripts/start.sh",
    "scripts/entrypoint.sh",
)


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
    django = tuple(_django(root))
    configured = [_known(one, seen, django) for one in _configured(root)]
    if any(one.target or one.settings for one in configured):
        return tuple(configured)
    started = [_known(one, seen, django) for one in _started(root)]
    found: dict[tuple[str, str], Application] = {}
    for one in (*started, *django, *seen.values()):
        if one.target or one.settings:
            found.setdefault((one.settings or one.target, one.folder), one)
    return tuple(_less_alike(found.values()))


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
        return replace(one, kind=same.kind, target=same.target, folder=one.folder or same.folder)
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
    kept: list[Application] = []
    for one in found:
        alike = (other for other in kept if (other.target, other.settings) == (one.target, one.settings))
        if next(alike, None) is None:
            kept.append(one)
    yield from kept


def _configured(root: Path) -> Iterator[Application]:
    for file, at in (("ripstop.toml", ()), ("pyproject.toml", ("tool", "ripstop"))):
        text = _text(root / file)
        service = _table(text, *at, "service")
        command = service.get("command")
        if isinstance(command, str):
            folder, env = service.get("cwd"), service.get("env")
            plain = (
                {str(k): str(v) for k, v in env.items() if "{" not in str(v)} if isinstance(env, dict) else {}
            )
            place = Place(file, _line_of(text, "command"))
            one = _from_command(command, place, folder if isinstance(folder, str) else "")
            yield replace(one, command=command, env=plain)
            return


def _from_command(command: str, place: Place, folder: str = "") -> Application:
    start = start_of(command)
    folder = str(PurePosixPath(folder) / start.folder) if start.folder else folder
    return Application(
        start.kind,
        start.target,
        command_for(start),
        place,
        folder="" if folder == "." else folder,
        settings=start.settings,
    )


def _started(root: Path) -> Iterator[Application]:
    """What a Procfile, a Dockerfile, a compose file or a start script runs."""
    for file, folder, line, command in _commands(root):
        start = start_of(command)
        if start.target or start.settings or start.kind:
            yield _from_command(command, Place(file, line), folder)


def _commands(root: Path) -> Iterator[tuple[str, str, int, str]]:
    """File, folder it belongs to, line, command."""
    for folder in ("", *_folders(root)):
        below = root / folder
        for number, line in _lines(below / "Procfile"):
            process, _, command = line.partition(":")
            if process.strip() == "web":
                yield _at(folder, "Procfile"), folder, number, command.strip()
        for file in sorted(below.glob("Dockerfile*"))[:10]:
            yield from ((_at(folder, file.name), folder, n, one) for n, one in _docker(file))
        for file in sorted(below.glob("*compose*.y*ml"))[:10]:
            for number, line in _lines(file):
                if line.strip().startswith("command:"):
                    yield _at(folder, file.name), folder, number, _shell(line.partition(":")[2].strip())
        for script in _SCRIPTS:
            yield from (
                (_at(folder, script), folder, number, line) for number, line in _lines(below / script)
            )


def _folders(root: Path) -> list[str]:
    """The folders just below the root that may hold a service."""
    try:
        names = sorted(one.name for one in root.iterdir() if one.is_dir() and not one.name.startswith("."))
    except OSError:
        return []
    return [name for name in names if name not in ("node_modules", "venv", "env", "tests", "docs")][:50]


def _docker(file: Path) -> Iterator[tuple[int, str]]:
    """The CMD and ENTRYPOINT of a Dockerfile, joined over continued lines; the last come first."""
    found: list[tuple[int, str]] = []
    whole, start = "", 0
    for number, line in _lines(file):
        start = start if whole else number
        whole += line.rstrip().removesuffix("\\") + " "
        if line.rstrip().endswith("\\"):
            continue
        word, _, rest = whole.strip().partition(" ")
        if word.upper() in ("CMD", "ENTRYPOINT"):
            found.append((start, _shell(rest.strip())))
        whole = ""
    yield from reversed(found)


def _shell(written: str) -> str:
    """A command that may be written as a list of words."""
    if written.startswith("["):
        try:
            words = json.loads(written)
        except ValueError:
            return ""
        return shlex.join(str(word) for word in words) if isinstance(words, list) else ""
    return written.strip("'\"") if written[:1] == written[-1:] else written


def _django(root: Path) -> Iterator[Application]:
    """Django projects: a manage.py, with the WSGI or ASGI module of the same settings."""
    for folder in ("", *_folders(root), "src"):
        text = _text(root / folder / "manage.py")
        named = _SETTINGS.search(text)
        if named:
            yield _project(
                root,
                folder,
                named.group(1),
                Place(_at(folder, "manage.py"), _line_of(text, "DJANGO_SETTINGS")),
            )
            return
    for file in sorted([*root.glob("*/[aw]sgi.py"), *root.glob("*/*/[aw]sgi.py")])[:20]:
        text = _text(file)
        named = _SETTINGS.search(text)
        if named:
            place = Place(file.relative_to(root).as_posix(), _line_of(text, "DJANGO_SETTINGS"))
            folder = _above(place.path, named.group(1), file.parent.name)
            yield _project(root, folder, named.group(1), place)
            return


def _above(path: str, settings: str, package: str) -> str:
    """The folder from which ``package.settings`` is imported, by the place of a file in that package."""
    parts = PurePosixPath(path).parent.parts
    top = settings.split(".")[0]
    cut = parts.index(top) if top in parts else len(parts) - (1 if package else 0)
    return "/".join(parts[:cut])


def _project(root: Path, folder: str, settings: str, place: Place) -> Application:
    package = settings.split(".")[0]
    for server in ("wsgi", "asgi"):
        if (root / folder / package / f"{server}.py").is_file():
            target = f"{package}.{server}:application"
            break
    else:
        target = ""
    manage = (root / folder / "manage.py").is_file()
    start = Start("manage" if manage else "django", "django", target, settings=settings)
    return Application("django", target, command_for(start), place, folder=folder, settings=settings)


def _by_syntax(code: Codebase) -> Iterator[Application]:
    """Applications made at the top of a module, then functions that make one and answer with it."""
    below = _mounted(code)
    factories = {one.name: kind for one in code.functions.values() if (kind := _factory_kind(one, code))}
    for name, value in code.constants.items():
        owner = name.rpartition(".")[0]
        body = code.functions.get(owner + MODULE)
        kind = (_kind(value.text, code) or factories.get(value.text, "")) if value.shape in MADE else ""
        if body is None or not kind or name in below or _TESTS.search(body.place.path):
            continue
        factories.pop(value.text, None)
        yield _seen(kind, name, "", body, code)
    for name, kind in factories.items():
        function = code.functions[name]
        if not _TESTS.search(function.place.path) and not _needs_arguments(function):
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
    if function.name.endswith(MODULE) or module_body(function, code) is None:
        return ""
    if function.returns and (kind := _kind(function.returns, code)):
        return kind
    if not _FACTORY.fullmatch(function.name.rpartition(".")[2]):
        return ""
    return next((kind for call in function.calls if (kind := _kind(call.name, code))), "")


def module_body(function: Function, code: Codebase) -> Function | None:
    """The body of the module a function stands in at the top; None for methods and inner functions."""
    return code.functions.get(function.name.rpartition(".")[0] + MODULE)


def _needs_arguments(function: Function) -> bool:
    return any(one.default is None and not one.name.startswith("*") for one in function.parameters)


def _mounted(code: Codebase) -> set[str]:
    """The names given to ``mount`` and its like: applications inside others."""
    found: set[str] = set()
    for _, call in calls(code):
        if method_of(call) in ("mount", "Mount", "DispatcherMiddleware"):
            found |= {one.value.text for one in call.arguments if one.value.shape is Shape.NAME}
    return found


def _table(text: str, *keys: str) -> Mapping[str, Any]:
    try:
        value: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_LIMIT_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    return enumerate(_text(file).splitlines(), 1)


def _line_of(text: str, word: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), 1) if word in line), 1)


def _at(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
