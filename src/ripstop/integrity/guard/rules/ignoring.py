"""What a conftest.py keeps pytest from collecting (``collect_ignore`` and ``collect_ignore_glob``)."""

from __future__ import annotations

import ast
import fnmatch
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from ripstop.integrity.guard.change import Change
from ripstop.integrity.guard.modules import Revision
from ripstop.model.weakening import Spot


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file that is passed over, and the line that says so."""

    ignored: str
    spot: Spot


def newly(change: Change) -> Iterator[Ignored]:
    """The files that a changed conftest passes over and did not before."""
    for path in sorted(change.changed):
        if posixpath.basename(path) != "conftest.py":
            continue
        before = {one.ignored for one in _ignored(path, change.old)}
        yield from (one for one in _ignored(path, change.new) if one.ignored not in before)


def _ignored(path: str, revision: Revision) -> Iterator[Ignored]:
    module = revision.module(path)
    folder = posixpath.dirname(path)
    for node in ast.walk(module.tree) if module else ():
        for name in _names(node):
            wanted = posixpath.normpath(posixpath.join(folder, name))
            spot = Spot(path, getattr(node, "lineno", 0), ast.unparse(node))
            for known in revision.sources:
                if known == wanted or known.startswith(f"{wanted}/") or fnmatch.fnmatch(known, wanted):
                    yield Ignored(known, spot)


def _names(node: ast.AST) -> list[str]:
    """The texts that a statement puts on one of the two lists."""
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AugAssign(target=ast.Name(id=name), value=value)
        ):
            pass
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=[value]):
            pass
        case _:
            return []
    if name not in ("collect_ignore", "collect_ignore_glob"):
        return []
    return [n.value for n in ast.walk(value) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
