"""Takes a start command apart, and writes one: which program, which application, with the port left open."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(\(.*\))?")
_MODULE = re.compile(r"[A-Za-z_]\w*(\.\w+)*")
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)")
_SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "waitress-serve", "uwsgi"})
_TOOLS = frozenset({"flask", "litestar", "fastapi"})
_MOST_SHELLS = 3


@dataclass(frozen=True, slots=True)
class Start:
    """A start command: its ``program``, the framework where that tells it, ``module:name`` or a module alone.

    ``settings`` is Django's settings module where the command names it, ``folder`` where imports start.
    """

    program: str = ""
    kind: str = ""
    target: str = ""
    settings: str = ""
    folder: str = ""


def start_of(command: str) -> Start:
    """What a command starts; an empty Start for one that starts no Python application."""
    words = _words(command)
    settings = flask = ""
    for at, word in enumerate(words):
        name = word.rpartition("/")[2]
        assigned = _ASSIGNED.fullmatch(word)
        if assigned and assigned.group(1) == "DJANGO_SETTINGS_MODULE":
            settings = assigned.group(2)
        elif assigned and assigned.group(1) == "FLASK_APP":
            flask = assigned.group(2)
        elif name in _SERVERS:
            return _served(name, words[at + 1 :], settings)
        elif name in _TOOLS:
            return _by_tool(name, words[at + 1 :], flask)
        elif name == "manage.py":
            return Start("manage", "django", settings=settings or _option(words, "--settings"))
        elif name.endswith(".py") and at and words[at - 1].rpartition("/")[2].startswith("python"):
            return Start("python", "", _module(word))
    return Start()


def _words(command: str) -> list[str]:
    """The words of a command, those of ``sh -c '...'`` taken out of their quotes."""
    words: list[str] = [command]
    for _ in range(_MOST_SHELLS):
        try:
            words = [word for one in words for word in (shlex.split(one) if " " in one else [one])]
        except ValueError:
            return command.split()
    return words


def _served(program: str, words: list[str], settings: str) -> Start:
    target = next((word for word in words if _TARGET.fullmatch(word)), "")
    if not target and program in ("gunicorn", "waitress-serve", "uvicorn"):
        alone = [
            w for w in words if _MODULE.fullmatch(w) and "." in w and not w.endswith((".py", ".pem", ".sock"))
        ]
        target = f"{alone[-1]}:application" if alone and alone[-1].endswith("wsgi") else (alone or [""])[-1]
    if target and not target.endswith(")") and ("--factory" in words or "--call" in words):
        target += "()"
    folder = _option(words, "--app-dir") or _option(words, "--chdir")
    module = target.partition(":")[0].rpartition(".")[2]
    return Start(
        program, "django" if settings and module in ("wsgi", "asgi") else "", target, settings, folder
    )


def _by_tool(tool: str, words: list[str], app: str) -> Start:
    app = _option(words, "--app") or _option(words, "-A") or app
    files = [word for word in words if word.endswith(".py")]
    if tool == "fastapi" and not app:
        app = _module(files[0]) if files else ""
    return Start(tool, tool, _module(app) if app.endswith(".py") else app)


def _option(words: list[str], name: str) -> str:
    for at, word in enumerate(words):
        if word == name and at + 1 < len(words):
            return words[at + 1]
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return ""


def _module(file: str) -> str:
    return file.removeprefix("./").removesuffix(".py").strip("/").replace("/", ".")


def command_for(start: Start) -> str:
    """A command for the application on 127.0.0.1 and ``{port}``, by the server it has now."""
    name, called = start.target.removesuffix("()"), start.target.endswith("()")
    if start.program == "gunicorn":
        worker = "" if start.kind in ("flask", "django", "") else " -k uvicorn.workers.UvicornWorker"
        return f"gunicorn{worker} --bind 127.0.0.1:{{port}} {_quoted(start.target)}"
    if start.program == "waitress-serve":
        return f"waitress-serve --listen=127.0.0.1:{{port}} {'--call ' if called else ''}{name}"
    if start.program == "hypercorn":
        return f"hypercorn --bind 127.0.0.1:{{port}} {_quoted(start.target)}"
    if start.kind == "django":
        run = "python manage.py" if start.program == "manage" else "python -m django"
        settings = "" if start.program == "manage" else f" --settings {start.settings}"
        return f"{run} runserver --noreload{settings} 127.0.0.1:{{port}}"
    if start.kind == "flask":
        return f"flask --app {_quoted(start.target)} run --port {{port}}"
    return f"uvicorn {'--factory ' if called else ''}{name} --port {{port}}" if name else ""


def _quoted(target: str) -> str:
    return f"'{target}'" if target.endswith(")") else target
