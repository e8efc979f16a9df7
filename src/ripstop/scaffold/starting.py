"""From a service that would not start to a plan with which it may: a missing setting, another driver."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ripstop.scaffold.environment import ALONG, plausible
from ripstop.scaffold.plan import Plan
from ripstop.scaffold.project import Project
from ripstop.scaffold.settings import Setting

_NAME = r"([A-Z][A-Z0-9_]{2,})"
_MISSING = (
    re.compile(rf"KeyError: '{_NAME}'"),
    re.compile(rf"UndefinedValueError: {_NAME} not found"),
    re.compile(rf"Set the {_NAME} environment variable"),
    re.compile(rf"[Ee]nvironment variable[s]? ['\"]?{_NAME}"),
    re.compile(
        rf"['\"]?\b{_NAME}['\"]? (?:is |was |must be |env\w* |environment variable )*"
        r"(?:not set|not found|required|missing|undefined|unset|set|defined|provided)"
    ),
    re.compile(rf"(?:[Mm]issing|[Rr]equired)[^\n]{{0,60}}?\b{_NAME}\b"),
    re.compile(rf"^\s*{_NAME}\s*$\s+(?:Field required|field required)", re.MULTILINE),
)
_FIELD = re.compile(r"^[ \t]*(\w+)\n\s+[Ff]ield required", re.MULTILINE)
_MODULE = re.compile(r"(?:ModuleNotFoundError|ImportError): No module named '([\w.]+)'")
_NOT_THERE = re.compile(r"Cannot find (?:module|package) '([^']+)'")
_DRIVERS = {"psycopg2": ("psycopg", "asyncpg", "pg8000"), "MySQLdb": ("psycopg",)}
_EXTENSION = re.compile(r'extension "([\w-]+)" is not available')


def started(plan: Plan, said: str, project: Project) -> Plan | None:
    """The plan with what the words of a failed start ask for; None where they ask for nothing known here."""
    service = plan.service
    for name in missing(said):
        if name not in service.env:
            value, _ = plausible(Setting(name, "the service's own words", required=True))
            return replace(plan, service=replace(service, env={**service.env, name: value}))
    if (module := _MODULE.search(said)) and (better := _imported(plan, module[1], project)):
        return better
    if "requires an async driver" in said or ("async driver" in said and "is not async" in said):
        return _dialect(plan, "postgresql+asyncpg")
    if "Can't load plugin: sqlalchemy.dialects:postgres" in said:
        return _dialect(plan, "postgresql")
    return None


def missing(said: str) -> list[str]:
    """Settings that a complaint is about."""
    found = [match for pattern in _MISSING for match in pattern.findall(said)]
    found += [name.upper() for name in _FIELD.findall(said)]
    return [
        name
        for name in dict.fromkeys(found)
        if name not in ("PATH", "ERROR", "INFO", "WARNING", "HTTP", "URL")
    ]


def _imported(plan: Plan, module: str, project: Project) -> Plan | None:
    top = module.partition(".")[0]
    if top in _DRIVERS:
        installed = next(
            (d for d in _DRIVERS[top] if d in project.dependencies or f"{d}-binary" in project.dependencies),
            "",
        )
        if not installed and top == "psycopg2" and "sqlalchemy" in project.dependencies:
            installed = ALONG
        return _dialect(plan, f"postgresql+{installed}") if installed else None
    home = f"{plan.service.cwd}/" if plan.service.cwd not in (".", "") else ""
    inside = [path.removeprefix(home) for path in project.files if path.startswith(home)]
    named = re.compile(rf"(^|/){re.escape(top)}(/|\.py$)")
    folders = [path.partition(f"{top}/")[0] for path in inside if named.search(path)]
    if not folders or "PYTHONPATH" in plan.service.env:
        return None
    where = min(folders, key=len).rstrip("/")
    env = {**plan.service.env, "PYTHONPATH": where if where and "." not in where else "."}
    return replace(plan, service=replace(plan.service, env=env))


def _dialect(plan: Plan, scheme: str) -> Plan | None:
    account = "{seams.db.user}:{seams.db.password}@{seams.db.host}:{seams.db.port}/{seams.db.database}"
    env = {
        name: f"{scheme}://{account}" if value == "{seams.db.url}" or value.endswith(account) else value
        for name, value in plan.service.env.items()
    }
    return replace(plan, service=replace(plan.service, env=env)) if env != dict(plan.service.env) else None


def advice(said: str, details: Sequence[str] = ()) -> str:
    """What only a person can do about a start that failed, in a sentence."""
    if found := _MODULE.search(said) or _NOT_THERE.search(said):
        return f"install what the service needs into this environment first: {found[1]} is missing"
    if found := _EXTENSION.search(said):
        return f"its tables need the extension {found[1]}: give the seam db a bindir that has it"
    if found := re.search(r"(\S+) cannot be started", said):
        return f"install {found[1]} into this environment, or name another command for it"
    last = next((line.strip() for line in reversed(details) if line.strip()), "")
    return f"mend service.command, service.setup or service.env: the last words were {last!r}"
