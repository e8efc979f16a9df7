"""What starts a project now, by its well-known files: configuration, Procfile, Dockerfile, manage.py.

Commands come as they are written; what they start is told in `commands`.
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ripstop.model.survey import Place

_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE['\"]\s*[,\]]\s*=?\s*['\"]([\w.]+)['\"]")
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
class Command:
    """A start command as it is written, the folder it belongs to and the variables it gives."""

    text: str
    place: Place
    folder: str = ""
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """A Django project: its settings module, and ``module:name`` of what a server runs, empty without one."""

    settings: str
    target: str
    folder: str
    place: Place
    has_manage: bool


def configured(root: Path) -> Command | None:
    """The command of the configuration, with the variables it gives as plain texts."""
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
            return Command(command, place, folder if isinstance(folder, str) else "", plain)
    return None


def commands(root: Path) -> Iterator[Command]:
    """What a Procfile, a Dockerfile, a compose file or a start script runs."""
    for file, folder, line, text in _commands(root):
        yield Command(text, Place(file, line), folder)


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


def projects(root: Path) -> Iterator[Project]:
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


def _project(root: Path, folder: str, settings: str, place: Place) -> Project:
    package = settings.split(".")[0]
    there = (one for one in ("wsgi", "asgi") if (root / folder / package / f"{one}.py").is_file())
    target = next((f"{package}.{one}:application" for one in there), "")
    return Project(settings, target, folder, place, (root / folder / "manage.py").is_file())


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
