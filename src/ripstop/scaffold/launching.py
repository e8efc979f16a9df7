"""How a service is started, and when it is ready: an application that was found, or Node's own scripts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from ripstop.model.survey import Route
from ripstop.scaffold.project import Project
from ripstop.scan.routes.applications import Application, ready_paths

_NODE = frozenset({"express", "hono", "fastify", "koa", "nest"})
_ENTRIES = ("src/server.ts", "src/index.ts", "src/app.ts", "server.js", "index.js", "app.js", "src/index.js")
_LISTEN = re.compile(r"\.listen\(\s*(\d{2,5})\b|\bport:\s*(\d{2,5})\b")
_DEVELOPMENT = re.compile(r"runserver|^flask .* run ")


@dataclass(frozen=True, slots=True)
class Launch:
    """``command`` is empty where nothing tells how to start; ``port`` is one that the code fixes."""

    command: str = ""
    cwd: str = "."
    port: int = 0
    application: Application | None = None


def launch(project: Project, found: Sequence[Application], routes: Sequence[Route]) -> Launch:
    """The command that starts the service."""
    frameworks = {route.framework.lower() for route in routes}
    fitting = [one for one in found if one.command and (not frameworks or one.kind in (*frameworks, ""))]
    if fitting and not (frameworks and frameworks <= _NODE):
        one = fitting[0]
        return Launch(_served(one, project), one.folder or ".", 0, one)
    return _node(project) if project.package else Launch()


def _served(one: Application, project: Project) -> str:
    """The command, with the server that the project depends on in a development server's place."""
    if not _DEVELOPMENT.search(one.command) or not one.target:
        return one.command
    name, call = one.target.removesuffix("()"), one.target.endswith("()")
    if "waitress" in project.dependencies:
        return f"waitress-serve --listen=127.0.0.1:{{port}} --threads=8 {'--call ' if call else ''}{name}"
    if "gunicorn" in project.dependencies:
        return f"gunicorn {shlex.quote(one.target)} --bind 127.0.0.1:{{port}} --threads 8"
    return one.command


def _node(project: Project) -> Launch:
    """A Node service by its own start script, or by its main file."""
    folder = project.package[""] or "."
    script = next(
        (project.scripts[name] for name in ("start:prod", "start", "serve") if name in project.scripts), ""
    )
    main = project.package.get("main")
    command = _plain(script) or (
        f"node {main}" if isinstance(main, str) and project.has(_in(folder, main)) else ""
    )
    if not command:
        entry = next((one for one in _ENTRIES if project.has(_in(folder, one))), "")
        command = f"node {entry}" if entry else ""
    return Launch(command, folder, _fixed_port(project))


def _in(folder: str, path: str) -> str:
    return path if folder == "." else f"{folder}/{path}"


def _plain(script: str) -> str:
    """A script as a command: programs of node_modules by their path, a shell where it needs one."""
    if not script or "nodemon" in script:
        return ""
    if re.search(r"&&|\|\||[;<>|]", script):
        return f"sh -c {shlex.quote('PATH=node_modules/.bin:$PATH; ' + script)}"
    program, _, rest = script.partition(" ")
    return script if program in ("node", "npm", "npx") else f"node_modules/.bin/{program} {rest}".rstrip()


def _fixed_port(project: Project) -> int:
    """The port that the code listens at, where it asks no setting for it."""
    texts = [project.text(path) for path in project.code(".js", ".ts", ".mjs", ".cjs")]
    if any(re.search(r"process\.env\.\w*PORT\b|env\.\w*PORT\b", text) for text in texts):
        return 0
    found = [m for text in texts if (m := _LISTEN.search(text))]
    return int(found[0][1] or found[0][2]) if found else 0


def ready_path(routes: Sequence[Route], launched: Launch) -> str:
    """A path that answers once it serves: one that is for that, else one that costs nothing."""
    paths = [path for path in ready_paths(routes) if path != "/"]
    if paths:
        return paths[0]
    if launched.application and launched.application.kind == "fastapi":
        readable = [one.path for one in routes if one.method.upper() == "GET"]
        return next((path for path in readable if path.endswith("openapi.json")), "/openapi.json")
    return "/"
