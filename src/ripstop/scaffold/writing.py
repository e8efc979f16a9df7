"""The files a plan comes to, and how they differ from what is there: what is a person's is only added to."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ripstop.scaffold.configuration import Existing, completed, with_doubles
from ripstop.scaffold.plan import Plan
from ripstop.scaffold.planning import Layout
from ripstop.scaffold.project import Project
from ripstop.scaffold.skeletons import text as skeletons

_PACKAGE = '"""The workflows of this service, as Ripstop explores them."""\n'


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it was, empty where there was none, and as it is to be."""

    path: str
    before: str
    after: str


def changes(
    project: Project,
    before: Existing,
    plan: Plan,
    layout: Layout,
    formatted: Callable[[str], str] = str,
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """The configuration and the doubles, and what a person has to add by hand.

    ``formatted`` lays Python out as the project does.
    """
    named = with_doubles(plan, layout.module)
    knows_pytest = any(project.has(one) for one in ("pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml"))
    text, notes = completed(before, named, pytest_known=knows_pytest)
    found = [Change(before.path, before.text, text)]
    if plan.doubles:
        found.append(Change(layout.doubles, "", formatted(skeletons(plan.doubles))))
    if layout.marked:
        found.append(Change(f"{layout.folder}/__init__.py", "", _PACKAGE))
    return tuple(one for one in found if one.before != one.after), notes


def difference(found: Iterable[Change]) -> Iterator[str]:
    """The lines of a difference, as `diff -u` writes them."""
    for one in found:
        old = f"a/{one.path}" if one.before else "/dev/null"
        yield from difflib.unified_diff(
            one.before.splitlines(), one.after.splitlines(), old, f"b/{one.path}", lineterm=""
        )
