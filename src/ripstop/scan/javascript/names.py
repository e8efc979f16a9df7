"""What a name stands for, across modules: a value of the project's, or a library's dotted name.

Answers are kept: each name of each module is worked out once, when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ripstop.model.survey import Place
from ripstop.scan.code import Shape, Value
from ripstop.scan.javascript import libraries, syntax
from ripstop.scan.javascript.classes import Class
from ripstop.scan.javascript.modules import WHOLE, Declaration, Import, Module, default_name
from ripstop.scan.javascript.specifiers import Files

if TYPE_CHECKING:
    from tree_sitter import Node

NOTHING = Value()
ENVIRONMENT = "process.env"
_DEPTH_LIMIT = 12
_MOST_EXPORTS = 40
"""How far a name is followed from module to module."""

Reader = Callable[["Names", Module, "Node", str], Value]
"""Reads an expression at a module's top: names, module, node, and the name it is given there."""


@dataclass(slots=True)
class Names:
    """The modules by name, what was worked out, and what is being worked out."""

    modules: Mapping[str, Module]
    files: Files
    by_path: Mapping[str, str]
    classes: Mapping[str, Class]
    reader: Reader
    returns: Callable[[Names, str], Value]
    known: dict[tuple[str, str], Value] = field(default_factory=dict)
    constants: dict[str, Value] = field(default_factory=dict)
    returned: dict[str, Value] = field(default_factory=dict)
    functions: dict[str, tuple[Module, Node]] = field(default_factory=dict)
    too_deep: list[Place] = field(default_factory=list)
    decorated: dict[str, Value] = field(default_factory=dict)
    implementers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    depth: int = 0

    def value(self, module: Module, name: str) -> Value | None:
        """What a name at a module's top stands for; None where the module does not know it."""
        key = (module.name, name)
        if key in self.known:
            return self.known[key]
        if name not in module.declarations and name not in module.imports:
            return None
        if self.depth > _DEPTH_LIMIT:
            return NOTHING
        self.known[key] = NOTHING
        self.depth += 1
        try:
            found = self._imported(module, module.imports[name]) if name in module.imports else None
            if found is None:
                found = self._declared(module, name, module.declarations[name])
        finally:
            self.depth -= 1
        self.known[key] = found
        return found

    def exported(self, module: Module, name: str, seen: frozenset[str] = frozenset()) -> Value | None:
        """What a module gives under that name, through its re-exports."""
        if module.name in seen or len(seen) > _MOST_EXPORTS:
            return None
        seen |= {module.name}
        given = module.exports.get(name)
        if isinstance(given, Import):
            return self._imported(module, given, seen)
        if given is not None:
            return self.value(module, given)
        for source in module.stars if name != "default" else ():
            found = self._imported(module, Import(source, name), seen, strict=True)
            if found is not None:
                return found
        return None

    def required(self, module: Module, source: str) -> Value:
        """What ``require(source)`` gives."""
        return self._imported(module, Import(source, WHOLE)) or NOTHING

    def _imported(
        self, module: Module, given: Import, seen: frozenset[str] = frozenset(), *, strict: bool = False
    ) -> Value | None:
        path = self.files.find(module.path, given.source)
        if path is None:
            if strict:
                return None
            name = libraries.library(given.source)
            whole = given.name in (WHOLE, "default")
            return Value(Shape.NAME, name if whole else f"{name}.{given.name}")
        target = self.modules[self.by_path[path]]
        if given.name == WHOLE:
            return self._whole(target)
        found = self.exported(target, given.name, seen)
        if found is None and given.name == "default":
            return self._whole(target)
        if found is None and not strict:
            return self.value(target, given.name) or Value(Shape.NAME, f"{target.name}.{given.name}")
        return found

    def _whole(self, target: Module) -> Value:
        """A module by its name; what it exports in place of itself, where that is CommonJS's way."""
        declared = target.exports.get("default")
        commonjs = isinstance(declared, Import) or (
            isinstance(declared, str) and not _has_export_statement(target)
        )
        if commonjs:
            return self.exported(target, "default") or NOTHING
        return Value(Shape.NAME, target.name)

    def _declared(self, module: Module, name: str, declaration: Declaration) -> Value:
        own = f"{module.name}.{name}"
        node = syntax.bare(declaration.node) or declaration.node
        kind = node.type
        if own in self.functions or own in self.classes or kind.startswith(("function_", "enum_")):
            return Value(Shape.NAME, own)
        if kind.endswith("_declaration"):
            return Value(Shape.NAME, own)
        found = NOTHING
        if kind != "variable_declarator":
            whole = default_name(module.name, node) if name == "default" else own
            found = self.reader(self, module, declaration.node, whole)
        for member in declaration.members:
            found = self.member(found, member)
        if found.shape in (Shape.UNKNOWN, Shape.CALL, Shape.MAPPING) and not declaration.members:
            found = self._annotated(module, declaration) or found
        if found.shape in (Shape.UNKNOWN, Shape.NOTHING):
            found = self._given_later(module, name, own) or found
        self.constants[own] = found
        return Value(Shape.NAME, own) if found.shape in (Shape.CALL, Shape.UNKNOWN) else found

    def _given_later(self, module: Module, name: str, own: str) -> Value | None:
        """The first thing assigned to a variable that begins empty."""
        for node in syntax.assigned(module.root, name):
            found = self.reader(self, module, node, own)
            if found.shape not in (Shape.UNKNOWN, Shape.NOTHING):
                return found
        return None

    def _annotated(self, module: Module, declaration: Declaration) -> Value | None:
        if declaration.annotation is None:
            return None
        return self.instance_of(module, declaration.annotation)

    def instance_of(self, module: Module, annotation: Node) -> Value | None:
        """An instance of the type written there; None for what says nothing of a class."""
        name = self.type_name(module, annotation)
        if not name:
            return None
        known = libraries.class_of(name)
        return Value(Shape.INSTANCE, known or name)

    def type_name(self, module: Module, node: Node, depth: int = 0) -> str:
        """The dotted name of a type, generics and null taken away; empty where it is none."""
        kind = node.type
        if kind in ("type_annotation", "generic_type", "union_type", "parenthesized_type") and depth < 6:
            inner = node.named_children
            if kind == "generic_type" and syntax.text(inner[0]) in ("Promise", "Readonly", "Partial"):
                inner = inner[1].named_children if len(inner) > 1 else inner
            return self.type_name(module, inner[0], depth + 1) if inner else ""
        if kind == "type_query":
            found = self._queried(module, node)
            return found.text if found is not None and found.shape is Shape.INSTANCE else ""
        if kind not in ("type_identifier", "nested_type_identifier", "identifier", "member_expression"):
            return ""
        first, _, rest = syntax.text(node).partition(".")
        alias = module.declarations.get(first)
        if alias is not None and alias.node.type == "type_alias_declaration" and depth < 6:
            written = syntax.field(alias.node, "value")
            return self.type_name(module, written, depth + 1) if written is not None else ""
        found = self.value(module, first)
        if found is None or found.shape not in (Shape.NAME, Shape.INSTANCE):
            return ""
        return f"{found.text}.{rest}" if rest else found.text

    def _queried(self, module: Module, node: Node) -> Value | None:
        name = syntax.text(node.named_children[0]) if node.named_children else ""
        return self.value(module, name)

    def member(self, value: Value, name: str) -> Value:
        """What a member of a value is."""
        shape = value.shape
        if shape is Shape.NAME:
            return self._member_of_name(value.text, name)
        if shape is Shape.INSTANCE:
            return self._member_of_instance(value.text, name)
        if shape in (Shape.MAPPING, Shape.LIST):
            found = next((item for key, item in value.items if key == name), None)
            return found or NOTHING
        if shape is Shape.CALL and value.text.startswith(libraries.CHAINS):
            return Value(Shape.NAME, f"{value.text}.{name}")
        if shape is Shape.CALL and value.text == "knex":
            return Value(Shape.NAME, f"knex.{name}")
        guessed = libraries.BY_NAME.get(name)
        return Value(Shape.INSTANCE, guessed) if guessed else NOTHING

    def _member_of_name(self, text: str, name: str) -> Value:
        if text == ENVIRONMENT:
            return Value(Shape.SETTING, name)
        if text in ("process", "import.meta", "Bun") and name == "env":
            return Value(Shape.NAME, ENVIRONMENT)
        if text in ("globalThis", "global", "window"):
            return Value(Shape.NAME, name) if name == "fetch" else self.by_name(name) or NOTHING
        if text in self.classes and (found := self.class_member(text, name)) is not None:
            return found
        module = self.modules.get(text)
        if module is not None:
            return self.exported(module, name) or Value(Shape.NAME, f"{text}.{name}")
        if name == "default":
            return Value(Shape.NAME, text)
        return Value(Shape.NAME, f"{text}.{name}")

    def _member_of_instance(self, text: str, name: str) -> Value:
        found = self.class_member(text, name) or self._implemented(text, name)
        if found is not None:
            return found
        if f"{text}.{name}" == "hono.Context.env":
            return Value(Shape.NAME, ENVIRONMENT)
        known = libraries.MEMBERS.get(f"{text}.{name}")
        if known is None and text in libraries.DECORATED:
            if name in self.decorated:
                return self.decorated[name]
            known = libraries.BY_NAME.get(name)
        return Value(Shape.INSTANCE, known or f"{text}.{name}")

    def class_member(self, name: str, member: str, depth: int = 0) -> Value | None:
        """A method or field of one of the project's classes, or of what it extends."""
        one = self.classes.get(name)
        if one is None or depth > _DEPTH_LIMIT:
            return None
        if member in one.methods:
            return Value(Shape.NAME, f"{name}.{member}")
        if member in one.fields:
            return self._field(one, name, member)
        base = self.base_of(one)
        return self.class_member(base, member, depth + 1) if base else None

    def _implemented(self, interface: str, member: str) -> Value | None:
        """The method of the one class that implements an interface."""
        found = self.implementers.get(interface, ())
        return self.class_member(found[0], member) if len(found) == 1 else None

    def base_of(self, one: Class) -> str:
        """The dotted name of what a class extends, empty for none."""
        if one.base is None:
            return ""
        return self.type_name(self.modules[one.module], one.base)

    def _field(self, one: Class, name: str, member: str) -> Value:
        key = (name, f".{member}")
        if key in self.known:
            return self.known[key]
        self.known[key] = NOTHING
        module, declared = self.modules[one.module], one.fields[member]
        found = None
        if declared.annotation is not None:
            found = self.instance_of(module, declared.annotation)
        if found is None and declared.node is not None and self.depth <= _DEPTH_LIMIT:
            self.depth += 1
            found = self.reader(self, module, declared.node, f"{name}.{member}")
            self.depth -= 1
        if (found is None or found.shape is Shape.UNKNOWN) and (
            guess := self.by_name(declared.named or member)
        ):
            found = guess
        self.known[key] = found or NOTHING
        return self.known[key]

    def by_name(self, name: str) -> Value | None:
        """An instance guessed from a name alone: a library's, or of the one class that is called so."""
        known = libraries.BY_NAME.get(name)
        return Value(Shape.INSTANCE, known) if known else None

    def result(self, name: str, arguments: tuple[tuple[str, Value], ...]) -> Value:
        """What calling a dotted name gives."""
        known = libraries.class_of(name) or libraries.RESULTS.get(name)
        if known is not None:
            return Value(Shape.INSTANCE, known, options(arguments))
        if name.startswith("knex."):
            return Value(Shape.CALL, "knex", arguments)
        if name in self.functions:
            if name not in self.returned:
                self.returned[name] = NOTHING
                self.returned[name] = self.returns(self, name)
            return self.returned[name]
        return Value(Shape.CALL, name, arguments)


def options(arguments: tuple[tuple[str, Value], ...]) -> tuple[tuple[str, Value], ...]:
    """A constructor's arguments as items: those of its mappings by name, the others by position."""
    found: list[tuple[str, Value]] = []
    for key, value in arguments:
        if value.shape is Shape.MAPPING:
            found += value.items
        else:
            found.append((key, value))
    return tuple(found)


def _has_export_statement(module: Module) -> bool:
    return any(node.type == "export_statement" for node in module.root.named_children)
