"""A plan as tables of TOML: a new file, or what is missing put at the end of one that is there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ripstop.scaffold.plan import Plan, SeamPlan, ServicePlan
from ripstop.scaffold.project import Project
from ripstop.scaffold.source import toml

_FILES = ("ripstop.toml", "pyproject.toml")
_PYTEST = '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Existing:
    """What a project says already: the file it says it in, its text, the tables of Ripstop in it."""

    path: str
    text: str
    tables: Mapping[str, Any]

    @property
    def prefix(self) -> str:
        return "" if self.path == "ripstop.toml" else "tool.ripstop."

    @property
    def seams(self) -> Mapping[str, Any]:
        found = self.tables.get("seams", {})
        return found if isinstance(found, dict) else {}


def existing(project: Project) -> Existing:
    """The file that holds the configuration, or would. Raises ValueError where it is no TOML."""
    for path in _FILES:
        if not project.has(path):
            continue
        text = project.text(path)
        tables = tomllib.loads(text)
        own = tables if path == "ripstop.toml" else tables.get("tool", {}).get("ripstop", {})
        if own or path == "pyproject.toml":
            return Existing(path, text, own)
    return Existing("pyproject.toml", "", {})


def completed(before: Existing, plan: Plan, *, pytest_known: bool = True) -> tuple[str, tuple[str, ...]]:
    """The file's text with the missing tables at its end, and what a person has to add by hand.

    A table that is there is never touched, and so its keys are the person's.
    """
    tables = [_PYTEST] if not before.text and not pytest_known else []
    notes: tuple[str, ...] = ()
    service = before.tables.get("service")
    if not isinstance(service, dict):
        tables += _service(before.prefix, plan.service)
    elif plan.service.env:
        more, notes = _environment(before.prefix, service, plan.service)
        tables += more
    tables += [_seam(before.prefix, one) for one in plan.seams if one.name not in before.seams]
    text = before.text.rstrip("\n")
    return "\n\n".join(filter(None, [text, *(one.rstrip("\n") for one in tables)])) + "\n", notes


def _service(prefix: str, plan: ServicePlan) -> list[str]:
    rows: dict[str, Any] = {"command": plan.command, "ready": plan.ready}
    if plan.setup:
        rows["setup"] = plan.setup[0] if len(plan.setup) == 1 else list(plan.setup)
    if plan.cwd not in ("", "."):
        rows["cwd"] = plan.cwd
    if plan.port:
        rows["port"] = plan.port
    environment = [_table(f"{prefix}service.env", plan.env)] if plan.env else []
    return [_table(f"{prefix}service", rows), *environment]


def _environment(
    prefix: str, service: Mapping[str, Any], plan: ServicePlan
) -> tuple[list[str], tuple[str, ...]]:
    """A table of its own where there is none; else what is missing in it, for the person to add."""
    if "env" not in service:
        return [_table(f"{prefix}service.env", plan.env)], ()
    there = service["env"] if isinstance(service["env"], dict) else {}
    missing = {name: value for name, value in plan.env.items() if name not in there}
    said = "{} is read by the code: add {} = {} to [{}service.env]"
    return [], tuple(said.format(name, name, toml(value), prefix) for name, value in missing.items())


def _seam(prefix: str, one: SeamPlan) -> str:
    rows: dict[str, Any] = {"protocol": one.protocol}
    if one.hosts:
        rows["hosts"] = list(one.hosts)
    rows |= {key: value for key in ("double", "webhook", "webhook_secret") if (value := getattr(one, key))}
    return _table(f"{prefix}seams.{one.name}", rows)


def _table(name: str, rows: Mapping[str, Any]) -> str:
    keys = {key: key if _PLAIN.fullmatch(key) else toml(key) for key in rows}
    width = max(map(len, keys.values()), default=0)
    lines = [f"{keys[key].ljust(width)} = {toml(value)}" for key, value in rows.items()]
    return "\n".join([f"[{name}]", *lines]) + "\n"


def with_doubles(plan: Plan, module: str) -> Plan:
    """The plan with each skeleton's name in its seam."""
    written = {one.name for one in plan.doubles}
    return replace(plan, seams=tuple(_named(plan.seams, written, module)))


def _named(seams: Iterable[SeamPlan], written: set[str], module: str) -> Iterable[SeamPlan]:
    for one in seams:
        yield replace(one, double=f"{module}:{one.name}") if one.name in written and not one.double else one
