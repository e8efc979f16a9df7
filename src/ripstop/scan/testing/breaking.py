"""Blocks of a Python test in which something is made to fail, or is expected to raise."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ripstop.scan.testing.expecting import Constants, Definition, Nodes, parametrized
from ripstop.scan.testing.nouns import Injected

_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex", "assertRaisesMessage"})


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of a ``with`` block, and the faults that are made to happen in it."""

    first: int
    last: int
    injected: tuple[Injected, ...] = ()


def blocks(node: Definition, nodes: Nodes, constants: Constants) -> Iterator[Block]:
    """Each ``with`` around ``pytest.raises``, ``assertRaises`` or ``seams.NAME.inject``."""
    for one in nodes:
        if isinstance(one, ast.With | ast.AsyncWith):
            calls = [item.context_expr for item in one.items if isinstance(item.context_expr, ast.Call)]
            injecting = [call for call in calls if _seam(call)]
            raising = any(_last(call.func) in _RAISES for call in calls)
            if injecting or raising:
                faults = (fault for call in injecting for fault in _injected(call, node, constants))
                yield Block(one.lineno, one.end_lineno or one.lineno, tuple(faults))


def _seam(call: ast.Call) -> str:
    """``db`` of ``seams.db.inject(...)``, empty for any other call."""
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr == "inject":
        owner = function.value
        if isinstance(owner, ast.Attribute) and "seams" in ast.unparse(owner.value):
            return owner.attr
    return ""


def _injected(call: ast.Call, node: Definition, constants: Constants) -> Iterator[Injected]:
    at = next((k.value for k in call.keywords if k.arg == "at"), None)
    if isinstance(at, ast.Name) and at.id in constants:
        at = constants[at.id]
    operation = at.value if isinstance(at, ast.Constant) and isinstance(at.value, str) else ""
    given = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "fault"), None)
    for name in _faults(given, node, constants):
        yield Injected(_seam(call), operation, name)


def _faults(given: ast.expr | None, node: Definition, constants: Constants) -> Iterator[str]:
    """The names of the faults that an argument stands for: itself, a constant, or a parameter's values."""
    if isinstance(given, ast.Call):
        yield _last(given.func)
    elif isinstance(given, ast.Name) and given.id in constants:
        yield from _faults(constants[given.id], node, {})
    elif isinstance(given, ast.Name):
        made = (one for one in parametrized(given.id, node) if isinstance(one, ast.Call))
        yield from (_last(one.func) for one in made if "faults" in ast.unparse(one.func))


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
