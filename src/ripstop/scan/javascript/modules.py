"""What a module imports, exports and declares at its top, told from its statements alone.

ES modules and CommonJS alike. What the names stand for across modules is for ``names``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ripstop.scan.javascript import syntax

if TYPE_CHECKING:
    from tree_sitter import Node

WHOLE = "*"


@dataclass(frozen=True, slots=True)
class Import:
    """A name from elsewhere: ``name`` is what the other module calls it, or ``*`` for the whole of it."""

    source: str
    name: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """A name of the module's own: its node, and the members taken of it where it was destructured."""

    node: Node
    members: tuple[str, ...] = ()
    annotation: Node | None = None


@dataclass(slots=True)
class Module:
    """One file. ``exports`` leads from the public name to the local one or to another module's."""

    name: str
    path: str
    root: Node
    imports: dict[str, Import] = field(default_factory=dict)
    exports: dict[str, str | Import] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    declarations: dict[str, Declaration] = field(default_factory=dict)


def module_of(name: str, path: str, root: Node) -> Module:
    """Gathers one file's top."""
    module = Module(name, path, root)
    for statement in root.named_children:
        kind = statement.type
        if kind == "import_statement":
            _import(module, statement)
        elif kind == "export_statement":
            _export(module, statement)
        elif kind == "expression_statement":
            _assign(module, statement)
        else:
            _declare(module, statement)
    return module


def patterns(node: Node, members: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names a pattern binds, each with the way to it: members by name, items of a list by number."""
    kind = node.type
    if kind in ("identifier", "shorthand_property_identifier_pattern"):
        name = syntax.text(node)
        yield name, (*members, name) if kind != "identifier" else members
    elif kind == "object_pattern":
        for child in node.named_children:
            yield from patterns(child, members)
    elif kind == "array_pattern":
        for index, child in enumerate(syntax.parts(node)):
            yield from patterns(child, (*members, str(index)))
    elif kind == "pair_pattern":
        key, value = syntax.field(node, "key"), syntax.field(node, "value")
        if value is not None:
            yield from patterns(value, (*members, syntax.text(key).strip("'\"")))
    elif kind in ("assignment_pattern", "object_assignment_pattern"):
        left = syntax.field(node, "left")
        if left is not None:
            yield from patterns(left, members)


def default_name(module: str, node: Node) -> str:
    """The dotted name of what a module exports as a whole; an object's members are the module's own."""
    inner = syntax.bare(node)
    return module if inner is not None and inner.type == "object" else f"{module}.default"


def required(node: Node | None) -> str | None:
    """The source of ``require('...')``, None for any other expression."""
    node = syntax.bare(node)
    if node is None or node.type != "call_expression":
        return None
    callee, given = syntax.field(node, "function"), syntax.field(node, "arguments")
    if callee is None or given is None or syntax.text(callee) not in ("require", "import"):
        return None
    return syntax.string(given.named_children[0]) if given.named_children else None


def _import(module: Module, node: Node) -> None:
    source = syntax.string(syntax.field(node, "source"))
    for clause in node.named_children:
        if clause.type == "import_require_clause":
            target = syntax.string(syntax.field(clause, "source"))
            module.imports[syntax.text(clause.named_children[0])] = Import(target or "", WHOLE)
        if clause.type != "import_clause" or source is None:
            continue
        for part in clause.named_children:
            if part.type == "identifier":
                module.imports[syntax.text(part)] = Import(source, "default")
            elif part.type == "namespace_import":
                module.imports[syntax.text(part.named_children[0])] = Import(source, WHOLE)
            elif part.type == "named_imports":
                for name, alias in _specifiers(part):
                    module.imports[alias] = Import(source, name)


def _specifiers(node: Node) -> Iterator[tuple[str, str]]:
    for part in node.named_children:
        if part.type in ("import_specifier", "export_specifier"):
            name = syntax.text(syntax.field(part, "name"))
            yield name, syntax.text(syntax.field(part, "alias")) or name


def _export(module: Module, node: Node) -> None:
    source = syntax.string(syntax.field(node, "source"))
    declaration = syntax.field(node, "declaration")
    value = syntax.field(node, "value")
    if declaration is not None:
        for name in _declare(module, declaration):
            module.exports["default" if _is_default(node) else name] = name
        if _is_default(node) and "default" not in module.exports:
            _declare_default(module, declaration)
    elif value is not None:
        _declare_default(module, value)
    elif source is not None:
        _reexport(module, node, source)
    else:
        for part in node.named_children:
            module.exports.update({alias: name for name, alias in _specifiers(part)})


def _is_default(node: Node) -> bool:
    return any(child.type == "default" for child in node.children)


def _declare_default(module: Module, node: Node) -> None:
    inner = syntax.bare(node)
    if inner is not None and inner.type == "identifier":
        module.exports["default"] = syntax.text(inner)
    else:
        module.declarations["default"] = Declaration(node)
        module.exports["default"] = "default"


def _reexport(module: Module, node: Node, source: str) -> None:
    clauses = [part for part in node.named_children if part.type in ("export_clause", "namespace_export")]
    if not clauses:
        module.stars.append(source)
    for clause in clauses:
        if clause.type == "namespace_export":
            module.exports[syntax.text(clause.named_children[0])] = Import(source, WHOLE)
        else:
            module.exports.update({alias: Import(source, name) for name, alias in _specifiers(clause)})


def _declare(module: Module, node: Node) -> list[str]:
    """Notes what one statement declares; the names."""
    if node.type in ("lexical_declaration", "variable_declaration"):
        return [name for one in node.named_children for name in _variable(module, one)]
    if node.type == "ambient_declaration":
        return []
    name = syntax.text(syntax.field(node, "name"))
    if not name or not node.type.endswith("_declaration"):
        return []
    module.declarations[name] = Declaration(node)
    return [name]


def _variable(module: Module, node: Node) -> Iterator[str]:
    pattern, value = syntax.field(node, "name"), syntax.field(node, "value")
    if pattern is None or node.type != "variable_declarator":
        return
    source = required(value)
    for name, members in patterns(pattern):
        if source is not None:
            module.imports[name] = Import(source, members[0] if members else WHOLE)
        else:
            annotation = syntax.field(node, "type") if not members else None
            module.declarations[name] = Declaration(value or node, members, annotation)
        yield name


def _assign(module: Module, statement: Node) -> None:
    """``module.exports = ...`` and ``exports.name = ...``."""
    node = statement.named_children[0] if statement.named_children else statement
    if node.type != "assignment_expression":
        return
    target = syntax.text(syntax.field(node, "left"))
    value = syntax.field(node, "right")
    if value is None:
        return
    if value.type == "assignment_expression":
        _chained(module, value)
        value = syntax.field(value, "right") or value
    if target in ("module.exports", "exports"):
        _export_whole(module, value)
    elif target.startswith(("exports.", "module.exports.")):
        _export_one(module, target.rpartition(".")[2], value)


def _chained(module: Module, node: Node) -> None:
    """The inner half of ``exports = module.exports = value``."""
    value = syntax.field(node, "right")
    if value is not None and syntax.text(syntax.field(node, "left")) in ("module.exports", "exports"):
        _export_whole(module, value)


def _export_whole(module: Module, value: Node) -> None:
    source = required(value)
    if source is not None:
        module.exports["default"] = Import(source, WHOLE)
        module.stars.append(source)
        return
    _declare_default(module, value)
    if value.type != "object":
        return
    for item in value.named_children:
        if item.type == "shorthand_property_identifier":
            module.exports[syntax.text(item)] = syntax.text(item)
        elif item.type in ("pair", "method_definition"):
            key = syntax.text(syntax.field(item, "key") or syntax.field(item, "name")).strip("'\"")
            _export_one(module, key, syntax.field(item, "value") or item)


def _export_one(module: Module, name: str, value: Node) -> None:
    inner = syntax.bare(value)
    source = required(value)
    if source is not None:
        module.exports[name] = Import(source, WHOLE)
    elif inner is not None and inner.type == "identifier":
        module.exports[name] = syntax.text(inner)
    else:
        module.exports[name] = name
        module.declarations.setdefault(name, Declaration(value))
