"""Which test of before is which of after: by its name, by its body where it was renamed or moved."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache

from ripstop.integrity.guard.collect import Item
from ripstop.integrity.guard.modules import Function

_RENAMED = 0.62
_IN_PLACE = 0.45
"""Enough for two of one file, where either has no nearer one."""
_MOVED = 0.35
_MOST = 400_000
"""Bodies compared at most; beyond it only names tell."""


@lru_cache(maxsize=8_192)
def fingerprint(function: Function) -> Counter[str]:
    """The names and constants of a body with how often each comes, without its docstring."""
    found: Counter[str] = Counter()
    for statement in body(function):
        for node in ast.walk(statement):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    found[name] += 1
                case ast.Constant(value=value):
                    found[repr(value)[:80]] += 1
                case ast.keyword(arg=str(name)):
                    found[name] += 1
    return found


def acts(function: Function) -> tuple[Counter[str], Counter[str]]:
    """What a test does, without what it asserts: the fingerprint of that, and what it calls."""
    found: Counter[str] = Counter()
    called: Counter[str] = Counter()
    waiting: list[ast.AST] = list(body(function))
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Assert():
                continue
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found[name] += 1
            case ast.Constant(value=value):
                found[repr(value)[:80]] += 1
            case ast.Call(func=func):
                called[ast.unparse(func).rpartition(".")[2]] += 1
        waiting += ast.iter_child_nodes(node)
    return found, called


def body(function: Function) -> list[ast.stmt]:
    """A function's statements without its docstring."""
    first = function.body[0]
    told = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return function.body[1:] if told else function.body


def likeness(one: Counter[str], other: Counter[str]) -> float:
    """How much of two bodies is the same, 0 to 1 (Dice)."""
    size = one.total() + other.total()
    return 2 * (one & other).total() / size if size else 1.0


def pair(old: Sequence[Item], new: Sequence[Item]) -> tuple[list[tuple[Item, Item]], list[Item], list[Item]]:
    """Pairs, and what of old and of new has no other. Items of one node id go together."""
    by_node = {item.node: item for item in new}
    pairs = [(item, by_node[item.node]) for item in old if item.node in by_node]
    taken = {item.node for item, _ in pairs}
    rest, free = [i for i in old if i.node not in taken], [i for i in new if i.node not in taken]
    more = _alike(rest, free)
    gone = {id(a) for a, _ in more}
    come = {id(b) for _, b in more}
    return [*pairs, *more], [i for i in rest if id(i) not in gone], [i for i in free if id(i) not in come]


def _alike(old: list[Item], new: list[Item]) -> list[tuple[Item, Item]]:
    prints = {id(item): fingerprint(item.function) for item in (*old, *new)}
    scored = []
    for number, item in enumerate(old):
        for place, other in enumerate(_candidates(item, old, new)):
            score = likeness(prints[id(item)], prints[id(other)])
            same_name = item.name == other.name
            if score >= (_MOVED if same_name else _IN_PLACE if item.path == other.path else _RENAMED):
                scored.append(
                    (score + 0.5 * same_name + 0.2 * (item.path == other.path), -number, -place, item, other)
                )
    scored.sort(key=lambda one: one[:3], reverse=True)
    found: list[tuple[Item, Item]] = []
    used: set[int] = set()
    for _, _, _, item, other in scored:
        if id(item) not in used and id(other) not in used:
            used |= {id(item), id(other)}
            found.append((item, other))
    return found


def _candidates(item: Item, old: list[Item], new: list[Item]) -> list[Item]:
    if len(old) * len(new) <= _MOST:
        return new
    names: dict[str, list[Item]] = defaultdict(list)
    for other in new:
        names[other.name].append(other)
    return names[item.name]
