"""The turns of a loop over something that is written out, so that a loop and its cases are the same."""

from __future__ import annotations

import ast

from ripstop.integrity.guard.canonical import literal
from ripstop.integrity.guard.terms import Scope

MOST_TURNS = 100


def turns(iterated: ast.expr, scope: Scope) -> list[ast.expr] | None:
    """The values a loop goes through; None where they are computed or too many."""
    found = _turns(scope.follow(iterated))
    return found if found is not None and len(found) <= MOST_TURNS else None


def _turns(node: ast.expr) -> list[ast.expr] | None:
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return None if any(isinstance(part, ast.Starred) for part in parts) else list(parts)
        case ast.Call(
            func=ast.Attribute(value=ast.Dict(keys=keys, values=values), attr="items"), args=[]
        ) if all(keys):
            return [ast.Tuple([k, v], ast.Load()) for k, v in zip(keys, values, strict=True) if k]
        case ast.Dict(keys=keys) if keys and all(keys):
            return [key for key in keys if key]
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner]):
            below = _turns(inner)
            return below and [ast.Tuple([ast.Constant(n), v], ast.Load()) for n, v in enumerate(below)]
        case ast.Call(func=ast.Name(id="zip"), args=[*sides]):
            columns = [_turns(side) for side in sides]
            if not columns or any(column is None for column in columns):
                return None
            return [ast.Tuple(list(row), ast.Load()) for row in zip(*(c for c in columns if c), strict=False)]
        case ast.Call(func=ast.Name(id="range"), args=[*bounds]) if all(literal(b) for b in bounds):
            return _range(bounds)
    return None


def _range(bounds: list[ast.expr]) -> list[ast.expr] | None:
    try:
        numbers = range(*(ast.literal_eval(bound) for bound in bounds))
    except (TypeError, ValueError):
        return None
    return [ast.Constant(number) for number in numbers] if len(numbers) <= MOST_TURNS else None
