"""Tables declared with Drizzle: ``pgTable('orders', { ... })``, and those of its other dialects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ripstop.model.survey import Place
from ripstop.scan.code import Column, Table
from ripstop.scan.javascript import syntax
from ripstop.scan.javascript.modules import Module
from ripstop.scan.javascript.names import Names

if TYPE_CHECKING:
    from tree_sitter import Node

_MAKERS = frozenset({"pgTable", "mysqlTable", "sqliteTable", "table"})
_CREATORS = ("TableCreator",)
_REFERENCE = re.compile(r"=>\s*\(?\s*(\w+)\.(\w+)")
_NAMING = re.compile(r"`([^`$]*)\$\{\w+\}([^`$]*)`")
"""How a creator makes a table's name of the one it is given."""
_DEPTH_LIMIT = 30


def tables(names: Names) -> Iterator[Table]:
    """The tables of every module. References are to tables by their own names, not their variables'."""
    written = dict(_written(names))
    for symbol, (module, name, node) in written.items():
        columns = tuple(_columns(names, module, node, written))
        yield Table(name, symbol, Place(module.path, syntax.line(node), symbol), columns)


def _written(names: Names) -> Iterator[tuple[str, tuple[Module, str, Node]]]:
    for module in names.modules.values():
        for variable, declaration in module.declarations.items():
            node = syntax.bare(declaration.node)
            if node is None or node.type != "call_expression":
                continue
            name = _table_name(module, node)
            if name:
                yield f"{module.name}.{variable}", (module, name, node)


def _table_name(module: Module, node: Node) -> str | None:
    callee, given = syntax.field(node, "function"), syntax.field(node, "arguments")
    if callee is None or given is None or not syntax.parts(given):
        return None
    word = syntax.text(callee).rpartition(".")[2]
    owner = syntax.text(callee).partition(".")[0]
    made = module.declarations.get(owner)
    creates = made is not None and any(
        word in syntax.text(made.node)[:80] for word in (*_CREATORS, "pgSchema")
    )
    if word not in _MAKERS and not creates:
        return None
    name = syntax.string(syntax.parts(given)[0])
    naming = _NAMING.search(syntax.text(made.node)) if made is not None and creates else None
    return f"{naming[1]}{name}{naming[2]}" if naming and name else name


def _columns(
    names: Names, module: Module, node: Node, written: dict[str, tuple[Module, str, Node]]
) -> Iterator[Column]:
    given = syntax.field(node, "arguments")
    parts = syntax.parts(given)
    if len(parts) < 2 or parts[1].type != "object":
        return
    for pair in syntax.parts(parts[1]):
        key, value = syntax.field(pair, "key"), syntax.field(pair, "value")
        if key is None or value is None:
            continue
        base, modifiers = _unchained(value)
        arguments = syntax.field(base, "arguments") if base.type == "call_expression" else None
        first = next(iter(syntax.parts(arguments)), None)
        name = syntax.string(first) or syntax.text(key)
        kind = syntax.text(syntax.field(base, "function")).rpartition(".")[2].lower()
        required = "notNull" in modifiers or "primaryKey" in modifiers
        optional = any(word.startswith(("default", "generated", "$default")) for word in modifiers)
        serial = kind.endswith("serial")
        reference = _reference(names, module, modifiers.get("references"), written)
        yield Column(name, kind, required and not optional and not serial, reference)


def _unchained(node: Node) -> tuple[Node, dict[str, Node]]:
    """The call a chain begins with, and what is called on it by name."""
    modifiers: dict[str, Node] = {}
    for _ in range(_DEPTH_LIMIT):
        callee = syntax.field(node, "function")
        if node.type != "call_expression" or callee is None or callee.type != "member_expression":
            break
        owner, word = syntax.field(callee, "object"), syntax.field(callee, "property")
        if owner is None or owner.type != "call_expression":
            break
        modifiers[syntax.text(word)] = node
        node = owner
    return node, modifiers


def _reference(
    names: Names, module: Module, node: Node | None, written: dict[str, tuple[Module, str, Node]]
) -> str:
    found = _REFERENCE.search(syntax.text(syntax.field(node, "arguments"))) if node is not None else None
    if found is None:
        return ""
    value = names.value(module, found[1])
    other = written.get(value.text) if value is not None else None
    if other is None:
        return f"{found[1]}.{found[2]}"
    return f"{other[1]}.{_column_name(other[2], found[2])}"


def _column_name(node: Node, key: str) -> str:
    given = syntax.field(node, "arguments")
    parts = syntax.parts(given)
    for pair in syntax.parts(parts[1]) if len(parts) > 1 else ():
        value = syntax.field(pair, "value")
        if value is not None and syntax.text(syntax.field(pair, "key")) == key:
            base, _ = _unchained(value)
            arguments = syntax.field(base, "arguments")
            first = next(iter(syntax.parts(arguments)), None)
            return syntax.string(first) or key
    return key
