"""Methods that a class inherits from a template: read once more for the class, which fills in the blanks.

A template is a generic class (``Repository[Order]``), or one whose attributes a class below replaces
(``model = Order``): what its methods do depends on whose object they are called on.
"""

from __future__ import annotations

import ast

from ripstop.scan.python.modules import Assigned, ClassDefinition, Definition
from ripstop.scan.python.project import Project

MOST_COPIES = 2_000
"""A project with more inherited methods than this is followed through the templates themselves."""


def own_copy(project: Project, kind: str, method: str) -> str:
    """The name of a method as a class below its template has it; the template's where it is the same."""
    symbol = project.symbols[method]
    if not isinstance(symbol, Definition) or symbol.own_class == kind or isinstance(symbol.node, ast.Lambda):
        return method
    if (
        len(project.copies) >= MOST_COPIES
        or not (_fills_in(project, kind, symbol.own_class) or _sets_by_name(symbol))
        or _asks_above(symbol)
    ):
        return method
    name = f"{kind}.{symbol.node.name}"
    copy = Definition(name, symbol.node, symbol.module, own_class=kind)
    project.keep(name, copy, symbol.module)
    project.copies.append(copy)
    return name


def _asks_above(symbol: Definition) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "super" for node in ast.walk(symbol.node))


def _sets_by_name(symbol: Definition) -> bool:
    """Whether a method sets attributes whose names it is told: on what kind of object, its class says."""
    return any(isinstance(node, ast.Name) and node.id == "setattr" for node in ast.walk(symbol.node))


def _fills_in(project: Project, kind: str, template: str) -> bool:
    below, above = project.symbols.get(kind), project.symbols.get(template)
    if not isinstance(below, ClassDefinition) or not isinstance(above, ClassDefinition):
        return False
    if any(project.type_arguments(kind)):
        return True
    stated = {name for name, member in below.members.items() if isinstance(member, Assigned)}
    return not stated.isdisjoint(
        name for name, member in above.members.items() if isinstance(member, Assigned)
    )
