"""``@pytest.mark.workflow(...)`` as it is written: the name it gives, what it says the workflow is worth."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Any

from ripstop.model.survey import Place, Stake

_NUMBERS = ("revenue", "cost_of_failure", "frequency")
_TEXTS = ("risk", "currency", "owner")


def of(
    node: ast.FunctionDef | ast.AsyncFunctionDef, constants: Mapping[str, ast.expr], path: str
) -> tuple[str, Stake]:
    """A test's workflow name and stake, empty where it has no such marker.

    What is computed, or what the plugin will refuse, is left out here: pytest tells the person.
    """
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        if ast.unparse(call.func if call else decorator).endswith("mark.workflow"):
            given = {k.arg: _literal(k.value, constants) for k in call.keywords if k.arg} if call else {}
            first = _literal(call.args[0], constants) if call and call.args else None
            name = first or given.get("name") or node.name
            return str(name), _stake(given, Place(path, decorator.lineno))
    return "", Stake()


def _stake(given: Mapping[str, Any], place: Place) -> Stake:
    said: dict[str, Any] = {name: given[name] for name in _TEXTS if isinstance(given.get(name), str)}
    for name in _NUMBERS:
        value = given.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
            said[name] = float(value)
    said = {name: value for name, value in said.items() if value != ""}
    return Stake(**said, said_at=place) if said else Stake()


def _literal(node: ast.expr, constants: Mapping[str, ast.expr]) -> Any:
    if isinstance(node, ast.Name) and node.id in constants:
        node = constants[node.id]
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
