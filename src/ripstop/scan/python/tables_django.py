"""Tables declared as Django models: their names as Django makes them, their columns, what they refer to."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Place
from ripstop.scan.code import Column, Table, Value
from ripstop.scan.python.django_models import (
    AUTH_USER,
    MANY,
    REFERRING,
    fields,
    has_table,
    is_model,
    is_set,
    key,
    model_named,
    table_name,
)
from ripstop.scan.python.modules import Assigned, ClassDefinition
from ripstop.scan.python.project import Project

PARENTS = {
    "django.contrib.auth.models.AbstractUser": (
        Column("password", "charfield", required=True),
        Column("last_login", "datetimefield"),
        Column("is_superuser", "booleanfield"),
        Column("username", "charfield", required=True),
        Column("first_name", "charfield"),
        Column("last_name", "charfield"),
        Column("email", "emailfield"),
        Column("is_staff", "booleanfield"),
        Column("is_active", "booleanfield"),
        Column("date_joined", "datetimefield"),
    ),
    "django.contrib.auth.models.AbstractBaseUser": (
        Column("password", "charfield", required=True),
        Column("last_login", "datetimefield"),
    ),
}
"""Abstract models of Django's own, with their columns (django.contrib.auth.models)."""
OTHERS = {AUTH_USER: "auth_user", "django.contrib.auth.models.Group": "auth_group"}
_FILLED = ("default", "db_default", "auto_now", "auto_now_add")


def tables(project: Project) -> Iterator[Table]:
    """All models that have a table, and the tables between two models."""
    for name, symbol in list(project.symbols.items()):
        if isinstance(symbol, ClassDefinition) and is_model(project, name) and has_table(project, symbol):
            place = Place(symbol.module.path, symbol.node.lineno, name)
            yield Table(table_name(project, name), name, place, tuple(_columns(project, name)))
            yield from _between(project, name, symbol, place)


def _columns(project: Project, name: str) -> Iterator[Column]:
    for one in project.line(name):
        yield from PARENTS.get(one, ())
    for member, made in fields(project, name):
        last = made.text.rpartition(".")[2]
        if last in MANY or made.text.startswith(("django.contrib.contenttypes.fields.", "rest_framework.")):
            continue
        refers = last in REFERRING
        stated = made.get("db_column")
        column = stated.text if stated is not None and stated.text else f"{member}_id" if refers else member
        target = _target(project, name, made) if refers else ""
        is_key = is_set(made, "primary_key")
        filled = any(made.get(option) is not None for option in _FILLED) or "Auto" in last
        required = not is_set(made, "null") and not filled
        yield Column(column, last.lower(), required=required or (is_key and not filled), references=target)


def _target(project: Project, name: str, made: Value) -> str:
    """``table.column`` of what a field refers to."""
    model = model_named(project, name, made.get("0") or made.get("to") or Value())
    if not model:
        return ""
    field = made.get("to_field")
    column = field.text if field is not None and field.text else key(project, model)
    return f"{table_name(project, model) if model in project.symbols else OTHERS.get(model, model)}.{column}"


def _between(project: Project, name: str, symbol: ClassDefinition, place: Place) -> Iterator[Table]:
    """The tables of a model's relations to many, where no model stands for them."""
    for member, bound in symbol.members.items():
        if not isinstance(bound, Assigned) or bound.value is None:
            continue
        made = project.evaluate(Assigned(bound.value), symbol.module, name)
        if made.text.rpartition(".")[2] not in MANY or made.get("through") is not None:
            continue
        own = table_name(project, name)
        other = model_named(project, name, made.get("0") or made.get("to") or Value())
        stated = made.get("db_table")
        columns = [
            Column(f"{symbol.node.name.lower()}_id", "foreignkey", required=True, references=f"{own}.id")
        ]
        if other in project.symbols:
            last = other.rpartition(".")[2].lower()
            title = f"{table_name(project, other)}.{key(project, other)}"
            columns.append(Column(f"{last}_id", "foreignkey", required=True, references=title))
        title = stated.text if stated is not None else f"{own}_{member}"
        yield Table(title, f"{name}.{member}", Place(place.path, bound.value.lineno, name), tuple(columns))
