"""How the tables of a service come to be: the commands for `setup`, from what lies in its folders."""

from __future__ import annotations

import re
import shlex

from ripstop.scaffold.launching import Launch
from ripstop.scaffold.project import Project

_MAIN = re.compile(r"^if __name__ == ['\"]__main__['\"]:\n((?:[ \t]+.*\n?|\n)+)", re.MULTILINE)
_CREATES = re.compile(r"create_all|CREATE TABLE|\.execute\(|create_tables|init_db|migrate|upgrade")
_AT_START = re.compile(r"create_all\(|create_tables\(|generate_schemas\(")
_UNDONE = re.compile(r"down|rollback|revert|drop|test|seed|fixture", re.IGNORECASE)
_WHOLE_SCHEMA = re.compile(r"(^|/)(schema|init|create|tables|database|setup)[^/]*\.sql$")
_CREATED = re.compile(
    r"^( +)(?:await )?[\w.]*\b(?:create_all|create_tables|generate_schemas)\(", re.MULTILINE
)
_SEED = re.compile(r"(initial_data|seed|init_data|create_superuser)\w*\.py$")


def setup(project: Project, launched: Launch) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The commands, run in order where the service is started, and notes for the person."""
    home = "" if launched.cwd == "." else launched.cwd
    for way in (_alembic, _flask_migrate, _django, _prisma, _node_script):
        commands = way(project, launched, home)
        if commands:
            return commands, ()
    if commands := _module_that_creates(project, home):
        return commands, ()
    if any(_AT_START.search(project.text(path)) for path in project.code(".py")):
        return _created_by_call(project, home), ()
    return _sql(project, home), ()


def _local(path: str, home: str) -> str:
    return path[len(home) + 1 :] if home and path.startswith(f"{home}/") else path


def _under(project: Project, name: str, home: str) -> str:
    """The file of that name nearest to where the service is started, as seen from there."""
    inside = [path for path in project.named(name) if not home or path.startswith(f"{home}/")]
    return _local(inside[0], home) if inside else ""


def _alembic(project: Project, _launched: Launch, home: str) -> tuple[str, ...]:
    found = _under(project, "alembic.ini", home)
    if not found or ("/" in found and found.startswith("migrations/")):
        return ()
    option = "" if found == "alembic.ini" else f" -c {shlex.quote(found)}"
    return (f"alembic{option} upgrade head", *_seeds(project, home))


def _seeds(project: Project, home: str) -> tuple[str, ...]:
    """Modules of first data, run as a deployment runs them."""
    inside = [path for path in project.code(".py") if not home or path.startswith(f"{home}/")]
    found = [path for path in inside if _SEED.search(path) and _MAIN.search(project.text(path))]
    return tuple(f"python -m {_dotted(_local(path, home))}" for path in found[:1])


def _dotted(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _flask_migrate(project: Project, launched: Launch, home: str) -> tuple[str, ...]:
    found = _under(project, "alembic.ini", home)
    if not found or "flask-migrate" not in project.dependencies or launched.application is None:
        return ()
    target = launched.application.target
    return (f"flask --app {shlex.quote(target)} db upgrade",)


def _django(project: Project, launched: Launch, home: str) -> tuple[str, ...]:
    if launched.application is None or launched.application.kind != "django":
        return ()
    migrated = any(re.search(r"(^|/)migrations/\d{4}_\w+\.py$", path) for path in project.files)
    sync = "" if migrated else " --run-syncdb"
    if _under(project, "manage.py", home) == "manage.py":
        return (f"python manage.py migrate{sync}",)
    settings = launched.application.settings
    return (f"python -m django migrate --settings {settings}{sync}",) if settings else ()


def _prisma(project: Project, _launched: Launch, _home: str) -> tuple[str, ...]:
    if not any(path.endswith(".prisma") for path in project.files):
        return ()
    migrated = any("/migrations/" in f"/{path}" and path.endswith("migration.sql") for path in project.files)
    return (f"node_modules/.bin/prisma {'migrate deploy' if migrated else 'db push --skip-generate'}",)


def _node_script(project: Project, _launched: Launch, _home: str) -> tuple[str, ...]:
    names = (
        "migrate:deploy",
        "db:migrate",
        "migrate",
        "migration:run",
        "migrations:run",
        "db:push",
        "setup",
        "db:setup",
    )
    script = next((project.scripts[name] for name in names if name in project.scripts), "")
    if not script and project.has("drizzle.config.ts"):
        return ("node_modules/.bin/drizzle-kit migrate",)
    if not script or re.search(r"&&|\|\||[;<>|]", script):
        return (f"sh -c {shlex.quote('PATH=node_modules/.bin:$PATH; ' + script)}",) if script else ()
    program, _, rest = script.partition(" ")
    return (script if program in ("node", "npm", "npx") else f"node_modules/.bin/{program} {rest}".rstrip(),)


def _module_that_creates(project: Project, home: str) -> tuple[str, ...]:
    """A module that makes the tables when it is run."""
    for path in project.code(".py"):
        main = _MAIN.search(project.text(path))
        if main and _CREATES.search(main[1]) and "uvicorn" not in main[1] and ".run(" not in main[1]:
            return (f"python -m {_dotted(_local(path, home))}",)
    return ()


def _created_by_call(project: Project, home: str) -> tuple[str, ...]:
    """Tables that the service makes when it starts need nothing; a function that makes them and that
    nobody calls is called."""
    every = "".join(project.text(path) for path in project.code(".py"))
    for path in project.code(".py"):
        text = project.text(path)
        found = _CREATED.search(text)
        name = _around(text, found.start(), len(found[1])) if found else None
        if name is None or re.search(rf"(?<!def )\b{name[2]}\b(?=[(),])", every):
            continue
        call = f"import asyncio; asyncio.run({name[2]}())" if name[1] else f"{name[2]}()"
        said = f"from {_dotted(_local(path, home))} import {name[2]}; {call}"
        return (f"python -c {shlex.quote(said)}",)
    return ()


def _around(text: str, at: int, indent: int) -> re.Match[str] | None:
    """The function without parameters in which a line stands."""
    lines = text[:at].splitlines()
    outer = (line for line in reversed(lines) if line.strip() and len(line) - len(line.lstrip()) < indent)
    return re.match(r"(async )?def (\w+)\(\s*\)", next(outer, ""))


def _sql(project: Project, home: str) -> tuple[str, ...]:
    """Scripts in SQL, in order of their names, run by the driver that comes with Ripstop."""
    found = [path for path in project.files if path.endswith(".sql") and not _UNDONE.search(path)]
    scripts = [path for path in found if _WHOLE_SCHEMA.search(path)][:1] or found
    read = ", ".join(repr(_local(path, home)) for path in scripts)
    account = (
        "'{seams.db.user}', password='{seams.db.password}', host='{seams.db.host}', port={seams.db.port}"
    )
    code = (
        f"import pathlib, pg8000.native as p; c = p.Connection({account}, database='{{seams.db.database}}'); "
        f"[c.execute_simple(pathlib.Path(f).read_text()) for f in [{read}]]"
    )
    return (f'python -c "{code}"',) if scripts else ()
