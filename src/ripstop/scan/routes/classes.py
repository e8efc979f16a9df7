"""What a project's classes are derived from, and what they have by that."""

from __future__ import annotations

from collections.abc import Sequence

from ripstop.scan.code import Codebase, Value

_MOST_PARENTS = 100


def is_a(name: str, roots: Sequence[str], classes: Sequence[str], code: Codebase) -> bool:
    """Whether a dotted name is one of a library's classes, or a project's class built on one."""
    seen: set[str] = set()
    queue = [name]
    while queue:
        one = queue.pop()
        root, _, rest = one.partition(".")
        if root in roots and rest.rpartition(".")[2] in classes:
            return True
        if one not in seen:
            seen.add(one)
            queue += code.bases.get(one, ())
    return False


def inherited(of: str, attribute: str, code: Codebase) -> Value | None:
    """An attribute of a class, of its own or by its first base that has it."""
    seen: set[str] = set()
    queue = [of]
    while queue:
        one = queue.pop(0)
        if one in seen:
            continue
        seen.add(one)
        found = code.constants.get(f"{one}.{attribute}")
        if found is not None:
            return found
        queue += code.bases.get(one, ())
    return None


def line(of: str, code: Codebase) -> list[str]:
    """A class and what it is derived from, nearest first."""
    found: list[str] = []
    waiting = [of]
    while waiting and len(found) < 100:
        one = waiting.pop(0)
        if one not in found:
            found.append(one)
            waiting = [*code.bases.get(one, ()), *waiting]
    return found


def method_in(of: str, name: str, code: Codebase) -> str:
    """The qualified name of a class's method that the project wrote; empty where there is none."""
    return next((f"{one}.{name}" for one in line(of, code) if f"{one}.{name}" in code.functions), "")


def members(code: Codebase) -> dict[str, list[str]]:
    """The functions of each class and module, in their order."""
    found: dict[str, list[str]] = {}
    for name in code.functions:
        found.setdefault(name.rpartition(".")[0], []).append(name)
    return found
