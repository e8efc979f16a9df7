"""One file's names: what imports, functions, classes and assignments bind. Nothing is looked up elsewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Definition:
    """A function as it is written; ``own_class`` is the qualified name of a method's class."""

    name: str
    node: FunctionNode | ast.Lambda
    module: Module
    own_class: str = ""
    around: object = None
    """The frame it was defined in, where that was a function's."""

    @property
    def is_property(self) -> bool:
        decorators = getattr(self.node, "decorator_list", [])
        return any(_last(decorator).endswith("property") for decorator in decorators)


@dataclass(frozen=True, slots=True)
class Assigned:
    """What a name was given last: an expression, an annotation, or both."""

    value: ast.expr | None
    annotation: ast.expr | None = None
    within: Definition | None = None
    """The method whose parameters the expression may name."""
    part: int | None = None
    """Which part of the value it is, where several names were given at once."""
    is_entered: bool = False
    """Given by ``with value as name``."""


@dataclass(slots=True)
class ClassDefinition:
    """A class: methods and attributes by name; ``own`` are those set on ``self`` in its methods."""

    name: str
    node: ast.ClassDef
    module: Module
    members: dict[str, Bound] = field(default_factory=dict)
    own: dict[str, Assigned] | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """``dotted`` is absolute; ``member`` is what was taken from it, empty for the module itself."""

    dotted: str
    member: str = ""


Bound = Definition | ClassDefinition | Assigned | Imported


@dataclass(slots=True)
class Module:
    """A file that was read: ``bound`` its names, ``stars`` the modules all of whose names it takes."""

    name: str
    path: str
    tree: ast.Module
    is_package: bool = False
    bound: dict[str, Bound] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)

    def absolute(self, module: str | None, level: int) -> str:
        """The dotted name an import statement of this module means, its leading dots counted."""
        if not level:
            return module or ""
        parts = self.name.split(".")
        drop = level - 1 if self.is_package else level
        package = parts[: len(parts) - drop] if drop else parts
        return ".".join([*package, *([module] if module else [])])


def indexed(name: str, path: str, tree: ast.Module) -> Module:
    """The module with all it binds, blocks such as ``if TYPE_CHECKING`` and ``try`` included."""
    module = Module(name, path, tree, is_package=path.endswith("__init__.py"))
    for statement in _statements(tree.body):
        if isinstance(statement, ast.AugAssign):
            _extend(module.bound, statement)
        for bound_name, bound in bindings(statement, module, name):
            _keep(module.bound, bound_name, bound)
    return module


def _extend(bound: dict[str, Bound], statement: ast.AugAssign) -> None:
    """``urlpatterns += [...]``: the sum of what the name held and what is added."""
    name = statement.target.id if isinstance(statement.target, ast.Name) else ""
    before = bound.get(name)
    if isinstance(before, Assigned) and before.value is not None and before.part is None:
        whole = ast.BinOp(before.value, statement.op, statement.value)
        bound[name] = Assigned(ast.copy_location(whole, statement), before.annotation)


def _keep(bound: dict[str, Bound], name: str, new: Bound) -> None:
    """The last binding counts; but ``x = None`` where an import failed does not undo the import."""
    nothing = isinstance(new, Assigned) and isinstance(new.value, ast.Constant) and new.value.value is None
    if not (nothing and name in bound):
        bound[name] = new


def bindings(statement: ast.stmt, module: Module, prefix: str) -> Iterator[tuple[str, Bound]]:
    """The names one statement binds, where ``prefix`` is the qualified name of what it stands in."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name, Definition(f"{prefix}.{name}", statement, module)
        case ast.ClassDef(name=name):
            yield name, class_definition(statement, module, prefix)
        case ast.Import() | ast.ImportFrom():
            yield from imported(statement, module)
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _assigned(target, value)
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
            yield name, Assigned(value, annotation)
        case ast.With() | ast.AsyncWith():
            for item in statement.items:
                if isinstance(item.optional_vars, ast.Name):
                    yield item.optional_vars.id, Assigned(item.context_expr, is_entered=True)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, Bound]]:
    match target:
        case ast.Name(id=name):
            yield name, Assigned(value)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for number, part in enumerate(parts):
                if isinstance(part, ast.Name):
                    yield part.id, Assigned(value, part=number)


def imported(statement: ast.Import | ast.ImportFrom, module: Module) -> Iterator[tuple[str, Bound]]:
    """The names an import binds; those of a star are kept by the module itself."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            whole = alias.name if alias.asname else alias.name.partition(".")[0]
            yield alias.asname or whole, Imported(whole)
        return
    source = module.absolute(statement.module, statement.level)
    for alias in statement.names:
        if alias.name == "*":
            module.stars.append(source)
        else:
            yield alias.asname or alias.name, Imported(source, alias.name)


def class_definition(node: ast.ClassDef, module: Module, prefix: str) -> ClassDefinition:
    """A class with its members; what its methods set on ``self`` is looked for when asked."""
    found = ClassDefinition(f"{prefix}.{node.name}", node, module)
    for statement in _statements(node.body):
        for name, bound in bindings(statement, module, found.name):
            if isinstance(bound, Definition):
                bound.own_class = found.name
            if not (isinstance(bound, Definition) and name in found.members and _is_setter(bound)):
                found.members[name] = bound
    return found


def own_attributes(of: ClassDefinition) -> dict[str, Assigned]:
    """What its methods set on ``self``, ``__init__`` first; ``self.x = None`` counts only without another."""
    if of.own is None:
        of.own = {}
        methods = [bound for bound in of.members.values() if isinstance(bound, Definition)]
        for method in sorted(methods, key=lambda method: not method.name.endswith(".__init__")):
            for name, assigned in _set_on_self(method):
                kept = of.own.get(name)
                if kept is None or _is_nothing(kept):
                    of.own[name] = assigned
    return of.own


def _is_nothing(assigned: Assigned) -> bool:
    return isinstance(assigned.value, ast.Constant) and assigned.value.value is None


def _set_on_self(method: Definition) -> Iterator[tuple[str, Assigned]]:
    arguments = method.node.args.posonlyargs + method.node.args.args
    if not arguments or isinstance(method.node, ast.Lambda):
        return
    own = arguments[0].arg
    for node in _statements(method.node.body):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _on(own, target, Assigned(value, within=method))
            case ast.AnnAssign(target=target, annotation=annotation, value=value):
                yield from _on(own, target, Assigned(value, annotation, within=method))
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        given = Assigned(item.context_expr, within=method, is_entered=True)
                        yield from _on(own, item.optional_vars, given)


def _on(own: str, target: ast.expr, assigned: Assigned) -> Iterator[tuple[str, Assigned]]:
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == own:
        yield target.attr, assigned


def kept_on_state(module: Module) -> Iterator[tuple[str, Assigned]]:
    """What a module puts on an application's ``state`` or on Flask's ``g``, by attribute."""
    functions = [bound for bound in module.bound.values() if isinstance(bound, Definition)]
    for within in functions:
        for node in ast.walk(within.node):
            yield from _on_state(node, within)


def _on_state(node: ast.AST, within: Definition) -> Iterator[tuple[str, Assigned]]:
    match node:
        case ast.Assign(targets=[target], value=value) if name := shared_name(target):
            yield name, Assigned(value, within=within)
        case ast.withitem(context_expr=value, optional_vars=ast.Attribute() as target):
            if name := shared_name(target):
                yield name, Assigned(value, within=within, is_entered=True)


def shared_name(target: ast.expr) -> str:
    """The attribute of ``app.state`` or ``g`` that is set; empty for any other target."""
    match target:
        case ast.Attribute(value=ast.Attribute(attr="state") | ast.Name(id="g"), attr=name):
            return name
    return ""


def bind_globals(module: Module) -> None:
    """Names that functions set by ``global``, where the module itself gives them nothing."""
    for within in [bound for bound in module.bound.values() if isinstance(bound, Definition)]:
        if isinstance(within.node, ast.Lambda):
            continue
        stated: set[str] = set()
        for node in _statements(within.node.body):
            match node:
                case ast.Global(names=names):
                    stated |= set(names)
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in stated:
                    before = module.bound.get(name)
                    if before is None or (isinstance(before, Assigned) and _tells_nothing(before)):
                        module.bound[name] = Assigned(value, within=within)


def _tells_nothing(assigned: Assigned) -> bool:
    return assigned.annotation is None and _is_nothing(assigned)


def _is_setter(bound: Definition) -> bool:
    return any(_last(d) in ("setter", "deleter") for d in getattr(bound.node, "decorator_list", []))


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements of a body and of its blocks, in order; none of inner functions and classes."""
    for statement in body:
        yield statement
        match statement:
            case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
                yield from _statements(statement.body)
                yield from _statements(statement.orelse)
            case ast.Try() | ast.TryStar():
                yield from _statements(statement.body)
                for handler in statement.handlers:
                    yield from _statements(handler.body)
                yield from _statements(statement.orelse + statement.finalbody)
            case ast.With() | ast.AsyncWith():
                yield from _statements(statement.body)
            case ast.Match():
                for case in statement.cases:
                    yield from _statements(case.body)
