"""Tables declared for SQLAlchemy, SQLModel and Flask-SQLAlchemy: classes, and ``Table`` objects."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ripstop.model.survey import Place
from ripstop.scan.code import Column, Shape, Table, Value
from ripstop.scan.python.annotations import parsed_annotation
from ripstop.scan.python.modules import Assigned, ClassDefinition
from ripstop.scan.python.project import Project

OBJECTS = ("sqlalchemy.Table", "flask_sqlalchemy.SQLAlchemy.Table")
_COLUMNS = ("Column", "mapped_column", "Field", "SQLAField")
_NO_COLUMNS = (
    "relationship", "Relationship", "synonym", "column_property", "association_proxy", "declared_attr",
    "hybrid_property", "composite", "backref",
)  # fmt: skip
_DEFAULTS = ("default", "server_default", "default_factory", "insert_default", "sa_column_kwargs")
_NUMBERED = ("Identity", "Sequence", "Computed", "FetchedValue")
_WHOLE = re.compile(r"int|serial")


def tables(project: Project) -> Iterator[Table]:
    """All tables the project declares, classes first."""
    for name, symbol in list(project.symbols.items()):
        if isinstance(symbol, ClassDefinition):
            table = _table_name(project, name, symbol)
            if table:
                place = Place(symbol.module.path, symbol.node.lineno, name)
                yield Table(_in_schema(project, name, table), name, place, tuple(_columns(project, name)))
        elif isinstance(symbol, Assigned) and project.constant(name).text in OBJECTS:
            yield from _object(project, name, symbol)


def _object(project: Project, name: str, symbol: Assigned) -> Iterator[Table]:
    made = project.constant(name)
    title = made.get("0") or made.get("name")
    if title is None or title.shape is not Shape.TEXT or symbol.value is None:
        return
    given = [project.meant(item) for key, item in made.items if key.isdigit() and key != "0"]
    columns = [_of_call(project, "", item, None) for item in given]
    place = Place(project.homes[name].path, symbol.value.lineno, name)
    title_text = qualified(made.get("schema"), title.text)
    yield Table(title_text, name, place, tuple(column for column in columns if column is not None))


def _in_schema(project: Project, name: str, table: str) -> str:
    """A table's name with the schema that ``__table_args__`` states, itself or in its last part."""
    found = project.inherited(name, "__table_args__")
    told = project.constant(found) if isinstance(project.symbols.get(found), Assigned) else Value()
    last = told.items[-1][1] if told.shape is Shape.LIST and told.items else told
    return qualified(last.get("schema"), table)


def qualified(schema: Value | None, table: str) -> str:
    """A table's name with its schema, where that is another than ``public``."""
    stated = schema.text if schema is not None and schema.shape is Shape.TEXT else ""
    return table if stated in ("", "public") else f"{stated}.{table}"


def _table_name(project: Project, name: str, symbol: ClassDefinition) -> str:
    """The table of a class; empty where it is none, such as an abstract one or a mixin."""
    if _is_true(project, symbol, "__abstract__"):
        return ""
    given = project.inherited(name, "__tablename__")
    if given:
        told = project.constant(given) if isinstance(project.symbols[given], Assigned) else Value()
        if told.shape is Shape.TEXT and (given == f"{name}.__tablename__" or _is_mapped(project, name)):
            return told.text
        if isinstance(project.symbols[given], Assigned) or not _is_mapped(project, name):
            return ""
        return _computed_name(project, name, given, symbol)
    own = symbol.members.get("__table__")
    if isinstance(own, Assigned):
        made = project.constant(f"{name}.__table__")
        title = project.meant(made).get("0")
        return title.text if title is not None else ""
    if any(key.arg == "table" and getattr(key.value, "value", False) for key in symbol.node.keywords):
        return symbol.node.name.lower()
    if any(base.endswith(".SQLAlchemy.Model") for base in project.line(name)):
        return _snake(symbol.node.name) if any(True for _ in _columns(project, name)) else ""
    return ""


def _computed_name(project: Project, name: str, given: str, symbol: ClassDefinition) -> str:
    """What a ``__tablename__`` made by a method most likely is: the class's name as that method writes it."""
    node = getattr(project.symbols[given], "node", None)
    if given.rpartition(".")[0] == name or node is None or not any(True for _ in _columns(project, name)):
        return ""
    body = ast.unparse(node)
    title = symbol.node.name
    if "lower()" in body and "sub(" not in body and "snake" not in body:
        title = title.lower()
    elif "sub(" in body or "snake" in body or "underscore" in body:
        title = _snake(title)
    return f"{title}s" if re.search(r"\+ 's'|\}s'", body) else title


def _is_mapped(project: Project, name: str) -> bool:
    """Whether a class below a mixin or base is a table of its own."""
    line = project.line(name)
    outside = ("sqlalchemy.", "sqlmodel.", "flask_sqlalchemy.")
    return any(one.startswith(outside) for one in line) and any(True for _ in _columns(project, name))


def _is_true(project: Project, symbol: ClassDefinition, name: str) -> bool:
    return name in symbol.members and project.constant(f"{symbol.name}.{name}").text == "true"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _columns(project: Project, name: str) -> Iterator[Column]:
    """The columns of a class, those of its parents in the project first."""
    found: dict[str, Column] = {}
    for one in reversed(project.line(name)):
        symbol = project.symbols.get(one)
        if not isinstance(symbol, ClassDefinition):
            continue
        for member, bound in symbol.members.items():
            column = _column(project, symbol, member, bound) if isinstance(bound, Assigned) else None
            if column is not None:
                found[member] = column
    yield from found.values()


def _column(project: Project, of: ClassDefinition, name: str, bound: Assigned) -> Column | None:
    if name.startswith("__") or name == "model_config":
        return None
    value = Value()
    if bound.value is not None:
        value = project.evaluate(Assigned(bound.value), of.module, of.name)
    last = value.text.rpartition(".")[2]
    if last in _NO_COLUMNS:
        return None
    if last in _COLUMNS and value.shape in (Shape.CALL, Shape.INSTANCE):
        return _of_call(project, name, value, bound.annotation)
    if bound.annotation is None:
        return None
    written = ast.unparse(bound.annotation)
    if not written.startswith(("Mapped", "orm.Mapped", "so.Mapped")) and not project.is_kind(
        of.name, "sqlmodel.SQLModel"
    ):
        return None
    kind, optional = _type(bound.annotation)
    if not kind or kind.startswith(("list[", "classvar", "set[")):
        return None
    return Column(name, kind, required=not optional and bound.value is None)


def _of_call(project: Project, name: str, made: Value, annotation: ast.expr | None) -> Column | None:
    """A column from the call that makes it, with what its annotation adds."""
    if made.text.rpartition(".")[2] not in _COLUMNS:
        return None
    is_field = made.text.endswith("Field")
    column = made.get("sa_column")
    if is_field and column is not None:
        made, is_field = column, False
    given = [project.meant(item) for key, item in made.items if key.isdigit()]
    kind, optional = _type(annotation) if annotation is not None else ("", True)
    if given and given[0].shape is Shape.TEXT and not is_field:
        name = given[0].text if not name or annotation is None else name
    stated = "" if is_field else _stated_type(given, made)
    nullable = _flag(made, "nullable")
    key = _flag(made, "primary_key") is True
    empty = not key and (nullable if nullable is not None else optional)
    references = _references(project, given, made)
    numbered = key and not references and bool(_WHOLE.search(stated or kind))
    filled = numbered or _has_default(made, given, is_field=is_field)
    return Column(name, stated or kind, required=not empty and not filled, references=references)


def _stated_type(given: list[Value], made: Value) -> str:
    stated = [*given, *filter(None, (made.get("type_"), made.get("type")))]
    for one in stated:
        last = one.text.rpartition(".")[2]
        if one.shape in (Shape.NAME, Shape.INSTANCE, Shape.CALL) and last not in ("ForeignKey", *_NUMBERED):
            return last.lower()
    return ""


def _has_default(made: Value, given: list[Value], *, is_field: bool) -> bool:
    if any((told := made.get(name)) is not None and told.shape is not Shape.NOTHING for name in _DEFAULTS):
        return True
    if is_field:
        return any(one.shape is not Shape.UNKNOWN for one in given) or made.get("default") is not None
    return any(one.text.rpartition(".")[2] in _NUMBERED for one in given)


def _flag(made: Value, name: str) -> bool | None:
    told = made.get(name)
    return told.text == "true" if told is not None and told.shape is Shape.NUMBER else None


def _references(project: Project, given: list[Value], made: Value) -> str:
    stated = made.get("foreign_key")
    if stated is not None and stated.shape is Shape.TEXT:
        return stated.text
    for one in given:
        if one.text.rpartition(".")[2] == "ForeignKey":
            target = one.get("0") or one.get("column") or Value()
            return target.text if target.shape is Shape.TEXT else _of_attribute(project, target.text)
    return ""


def _of_attribute(project: Project, dotted: str) -> str:
    """``table.column`` from ``models.User.id`` or ``users.c.id``."""
    owner, _, column = dotted.removesuffix("()").rpartition(".")
    symbol = project.symbols.get(owner)
    if isinstance(symbol, ClassDefinition):
        return f"{_table_name(project, owner, symbol) or symbol.node.name.lower()}.{column}"
    return ""


def _type(annotation: ast.expr) -> tuple[str, bool]:
    """The type a column's annotation names, and whether it may be empty."""
    match annotation:
        case ast.Constant(value=str(written)):
            inner = parsed_annotation(written)
            return _type(inner) if inner is not None else (written.lower(), False)
        case ast.Subscript(value=outer, slice=inner):
            last = ast.unparse(outer).rpartition(".")[2]
            if last in ("Mapped", "Annotated", "Optional", "Required"):
                first = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
                kind, optional = _type(first)
                return kind, optional or last == "Optional"
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            sides = [side for side in (left, right) if ast.unparse(side) != "None"]
            kind, optional = _type(sides[0]) if sides else ("", True)
            return kind, optional or len(sides) == 1
    return ast.unparse(annotation).strip("'\"").lower(), False
