"""The door: files of JavaScript and TypeScript in, a Codebase out.

Nothing here raises for what a file holds: what cannot be read is told in ``Codebase.unread``.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ripstop.model.survey import Place, Unread
from ripstop.scan.code import Codebase, Function, Shape, Value
from ripstop.scan.javascript import calling, expressions, functions, statements, syntax
from ripstop.scan.javascript.declared import classes_of, functions_of
from ripstop.scan.javascript.modules import Module, module_of
from ripstop.scan.javascript.names import NOTHING, Names
from ripstop.scan.javascript.specifiers import files_of
from ripstop.scan.javascript.tables import tables_of
from ripstop.scan.javascript.walking import Handler, Walker

if TYPE_CHECKING:
    from tree_sitter import Node

INSTALL = 'pip install "ripstop[javascript]"'
TOO_DEEP = "nested too deeply to be followed"
_LIMIT_BYTES = 1_000_000
_MADE_BYTES = 20_000
_MADE_LINE_BYTES = 500
_MOST_ERRORS = 3

HANDLERS: Mapping[str, Handler] = {
    **expressions.HANDLERS,
    **statements.HANDLERS,
    **functions.HANDLERS,
    **calling.HANDLERS,
}


def read(root: Path, files: Sequence[Path]) -> Codebase:
    """Reads the project's files below ``root``; without the extra, only tells how to install it."""
    if not files:
        return Codebase()
    if not syntax.available():
        where = Place(_relative(root, files[0]), 1)
        many = (
            f"{len(files)} files of JavaScript or TypeScript are unread" if len(files) > 1 else "it is unread"
        )
        return Codebase(unread=(Unread(where, f"{many}: to read them, {INSTALL}"),))
    unread: list[Unread] = []
    modules: dict[str, Module] = {}
    for path, tree in _trees(root, files, unread):
        name = path.rpartition(".")[0].replace("/", ".")
        name = name if name not in modules else path.replace("/", ".")
        try:
            modules[name] = module_of(name, path, tree)
        except RecursionError:
            unread.append(Unread(Place(path, 1), TOO_DEEP))
    names = _names(root, modules)
    found: dict[str, Function] = {}
    for module in sorted(modules.values(), key=_is_adding, reverse=True):
        _walk(names, module, found)
    unread += [Unread(place, TOO_DEEP) for place in names.too_deep]
    return Codebase(
        found, tables_of(root, names), names.constants, _bases(names), tuple(unread), len(modules)
    )


def _relative(root: Path, file: Path) -> str:
    """A file's path below the root; files are given from the root, or with it."""
    return (file.relative_to(root) if file.is_relative_to(root) else file).as_posix()


def _trees(root: Path, files: Sequence[Path], unread: list[Unread]) -> Iterator[tuple[str, Node]]:
    for file in files:
        path = _relative(root, file)
        try:
            source = (root / path).read_bytes().removeprefix(codecs.BOM_UTF8)
        except OSError as wrong:
            unread.append(Unread(Place(path, 1), wrong.strerror or "it cannot be read"))
            continue
        reason = _unfit(source)
        if reason:
            unread.append(Unread(Place(path, 1), reason))
            continue
        tree = syntax.parse(source, file.suffix.lower())
        if tree.has_error:
            lines = syntax.errors(tree, _MOST_ERRORS)
            unread += [Unread(Place(path, line), "syntax error; the rest is read") for line in lines]
        yield path, tree


def _is_adding(module: Module) -> bool:
    """Whether a module gives the application members, which the others use."""
    return b".decorate(" in (module.root.text or b"")


def _unfit(source: bytes) -> str:
    if len(source) > _LIMIT_BYTES:
        return f"larger than {_LIMIT_BYTES:,} bytes"
    if b"\0" in source[:8192]:
        return "not a text"
    lines = source.count(b"\n") + 1
    if len(source) > _MADE_BYTES and len(source) / lines > _MADE_LINE_BYTES:
        return "made by a program: its lines are too long for a person's"
    return ""


def _names(root: Path, modules: Mapping[str, Module]) -> Names:
    by_path = {module.path: module.name for module in modules.values()}
    classes = {one.name: one for module in modules.values() for one in classes_of(module)}
    names = Names(modules, files_of(root, by_path), by_path, classes, value_of, returned)
    for module in modules.values():
        for name, node in functions_of(module):
            names.functions[name] = (module, node)
    implementers: dict[str, list[str]] = {}
    for one in classes.values():
        for key, method in one.methods.items():
            names.functions[f"{one.name}.{key}"] = (modules[one.module], method)
        for interface in one.interfaces:
            found = names.value(modules[one.module], interface.partition(".")[0])
            if found is not None and found.text in classes:
                implementers.setdefault(found.text, []).append(one.name)
    names.implementers = {name: tuple(ones) for name, ones in implementers.items()}
    return names


def _walk(names: Names, module: Module, found: dict[str, Function]) -> None:
    symbol = f"{module.name}.<module>"
    walker = Walker(HANDLERS, names, module, found, symbol, module.name)
    try:
        for node in module.root.named_children:
            walker.visit(node)
        for name, declaration in module.declarations.items():
            if not declaration.members:
                names.value(module, name)
    except RecursionError:
        names.too_deep.append(Place(module.path, 1))
    found[symbol] = Function(
        symbol,
        Place(module.path, 1, symbol),
        module.root.end_point.row + 1,
        calls=tuple(walker.calls),
        exits=tuple(walker.exits),
    )


def value_of(names: Names, module: Module, node: Node, own: str) -> Value:
    """What an expression at a module's top is worth; ``own`` is the name it is given."""
    walker = Walker(HANDLERS, names, module, {}, f"{module.name}.<module>", module.name, quiet=True)
    return walker.visit_as(node, own)


def returned(names: Names, name: str) -> Value:
    """What a function of the project gives, from its last return that tells something."""
    module, node = names.functions[name]
    walker = Walker(HANDLERS, names, module, {}, name, name, quiet=True)
    holder = name.rpartition(".")[0]
    if holder in names.classes:
        walker.scope.names["this"] = Value(Shape.INSTANCE, holder)
    annotation = syntax.field(node, "return_type")
    if annotation is not None and (found := names.instance_of(module, annotation)) is not None:
        return found
    body = syntax.field(node, "body")
    if body is None or not _may_return(body):
        return NOTHING
    functions.enter(walker, node)
    if body.type != "statement_block":
        return walker.visit(body)
    found = NOTHING
    for statement in body.named_children:
        if statement.type in ("lexical_declaration", "variable_declaration"):
            walker.visit(statement)
        elif statement.type == "return_statement" and statement.named_children:
            found = walker.visit(statement.named_children[0])
    return found


def _may_return(body: Node) -> bool:
    """Whether an arrow's expression, or a statement at the body's top, says what is given back."""
    if body.type != "statement_block":
        return True
    return any(one.type == "return_statement" and one.named_children for one in body.named_children)


def _bases(names: Names) -> dict[str, tuple[str, ...]]:
    found = {}
    for one in names.classes.values():
        module = names.modules[one.module]
        interfaces = (names.value(module, name) for name in one.interfaces)
        bases = (names.base_of(one), *(value.text for value in interfaces if value is not None))
        if any(bases):
            found[one.name] = tuple(filter(None, bases))
    return found
