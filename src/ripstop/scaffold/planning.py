"""The door to a plan: from a project and what a survey told of it to everything that is to be written."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ripstop.model.survey import Ranked, Route, Survey
from ripstop.scaffold.configuration import Existing
from ripstop.scaffold.environment import Given, given
from ripstop.scaffold.external import External, external
from ripstop.scaffold.launching import Launch, launch, ready_path
from ripstop.scaffold.migrations import setup
from ripstop.scaffold.plan import Plan, SeamPlan, ServicePlan
from ripstop.scaffold.project import Project
from ripstop.scaffold.settings import settings
from ripstop.scan.routes.applications import Application

_SERVERS = {"db": "postgres", "cache": "redis", "mail": "smtp"}
_DRIVERS = frozenset(
    {"psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "pg8000", "pg", "postgres", "@prisma/client"}
)


def routes(survey: Survey) -> tuple[Route, ...]:
    """Every route a survey found, ranked or not."""
    return (*(one.route for one in survey.workflows), *(one.route for one in survey.left_out))


def planned(project: Project, survey: Survey, applications: Sequence[Application], before: Existing) -> Plan:
    """What to write for a project, as far as its files tell it."""
    every = routes(survey)
    launched = launch(project, applications, every)
    commands, notes = setup(project, launched)
    outside = external(project, survey.workflows)
    surroundings = given(project, settings(project).values(), outside.providers)
    _reached(surroundings, survey.workflows, project)
    service = ServicePlan(
        command=_located(launched.command, project, launched),
        ready=ready_path(every, launched),
        setup=tuple(_located(one, project, launched) for one in commands),
        cwd=launched.cwd,
        port=launched.port,
        env=_environment(surroundings, launched),
    )
    seams = (*_servers(surroundings), *_webhooks(outside, every, surroundings))
    doubles = tuple(one for one in outside.doubles if one.name not in before.seams)
    told = (*_asked(launched), *notes, *outside.notes, *surroundings.notes)
    return Plan(service, seams, doubles, tuple(dict.fromkeys(told)))


def _reached(surroundings: Given, workflows: Iterable[Ranked], project: Project) -> None:
    """Servers that the code reaches, whatever setting leads there."""
    protocols = {one.protocol for ranked in workflows for one in ranked.reaches}
    surroundings.servers |= {name for name, protocol in _SERVERS.items() if protocol in protocols}
    if _DRIVERS & project.dependencies:
        surroundings.servers.add("db")
    for name in sorted(surroundings.servers):
        led = any(f"{{seams.{name}." in value for value in surroundings.env.values())
        if not led:
            surroundings.notes.append(_leading(name))


def _leading(name: str) -> str:
    address = {
        "db": "{seams.db.url}",
        "cache": "{seams.cache.url}",
        "mail": "{seams.mail.host} and {seams.mail.port}",
    }[name]
    return f"no setting leads to the seam {name}: have the service read its address from one, as {address}"


def _environment(surroundings: Given, launched: Launch) -> dict[str, str]:
    """The settings, with where imports start in front where the folder itself does not say it."""
    env = dict(surroundings.env)
    application = launched.application
    if application and application.folder.endswith("src"):
        env = {"PYTHONPATH": ".", **env}
    return env


def _servers(surroundings: Given) -> tuple[SeamPlan, ...]:
    return tuple(SeamPlan(name, _SERVERS[name]) for name in _SERVERS if name in surroundings.servers)


def _webhooks(outside: External, every: Sequence[Route], surroundings: Given) -> Iterable[SeamPlan]:
    """The seams, that of a provider with the service's route for its events."""
    route = next(
        (one.path for one in every if re.search("webhook", one.path) and one.method.upper() == "POST"), ""
    )
    secret = next(
        (value for name, value in surroundings.env.items() if "WEBHOOK" in name and "SECRET" in name), ""
    )
    for one in outside.seams:
        fitting = one.double == "stripe" and route and (secret or "stripe" in route)
        yield replace(one, webhook=route, webhook_secret=secret) if fitting else one


def _located(command: str, project: Project, launched: Launch) -> str:
    """A command by its place in the project's own virtual environment, where another one runs us."""
    program, _, rest = command.partition(" ")
    own = next((one for one in (".venv", "venv") if (project.root / one / "bin" / program).is_file()), "")
    if not own or (project.root / own).resolve() == Path(sys.prefix).resolve() or "/" in program:
        return command
    up = "" if launched.cwd in (".", "") else "../" * (launched.cwd.count("/") + 1)
    return f"{up}{own}/bin/{program} {rest}".rstrip()


def _asked(launched: Launch) -> tuple[str, ...]:
    return () if launched.command else ("nothing tells how the service is started: give service.command",)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where tests and doubles go. ``marked``: the folder is to be made a package; ``note`` for the person."""

    folder: str = "tests"
    doubles: str = "tests/doubles.py"
    marked: bool = True
    note: str = ""

    @property
    def module(self) -> str:
        return self.doubles.removesuffix(".py").replace("/", ".")


def layout(project: Project) -> Layout:
    """Beside the project's tests, unless their fixtures would run for ours as well."""
    folder, note = "tests", ""
    if _meddles(project.text("tests/conftest.py")):
        folder, note = (
            "workflows",
            "tests/conftest.py has fixtures that run for every test: the workflows go to workflows/",
        )
    inside = [path for path in project.files if path.startswith(f"{folder}/")]
    doubles = f"{folder}/doubles.py"
    if project.has(doubles):
        doubles = f"{folder}/ripstop_doubles.py"
    return Layout(folder, doubles, not inside, note)


def _meddles(conftest: str) -> bool:
    return "autouse=True" in conftest or bool(
        re.search(r"^(from|import) (app|main|src|backend)\b", conftest, re.MULTILINE)
    )
