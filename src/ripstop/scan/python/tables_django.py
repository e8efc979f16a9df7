"""Tables declared as Django models: their names as Django makes them, their columns, what they refer to."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Place
from ripstop.scan.code import Column, Shape, Table, Value
from ripstop.scan.python.modules import Assigned, ClassDefinition
from ripstop.scan.python.project import Project

MODEL = "django.db.models.Model"
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
_REFERRING = ("ForeignKey", "OneToOneField", "ParentalKey")
_MANY = ("ManyToManyField", "ParentalManyToManyField")
_FILLED = ("default", "db_default", "auto_now", "auto_now_add")
_LINES_OF_MODULES = ("models", "model")


def tables(project: Project) -> Iterator[Table]:
    """All models that have a table, and the tables between two models."""
    for name, symbol in list(project.symbols.items()):
        if isinstance(symbol, ClassDefinition) and is_model(project, name) and _has_table(project, symbol):
            place = Place(symbol.module.path, symbol.node.lineno, name)
            yield Table(table_name(project, name), name, place, tuple(_columns(project, name)))
            yield from _between(project, name, symbol, place)


def is_model(project: Project, name: str) -> bool:
    """Whether a class is a Django model, abstract ones included."""
    return any(
        one == MODEL or one in PARENTS or one.endswith(".db.models.Model") for one in project.line(name)[1:]
    )


def _meta(project: Project, name: str, option: str) -> Value:
    found = project.symbols.get(f"{name}.Meta.{option}")
    return project.constant(f"{name}.Meta.{option}") if isinstance(found, Assigned) else Value()


def _has_table(project: Project, symbol: ClassDefinition) -> bool:
    return not any(_meta(project, symbol.name, option).text == "true" for option in ("abstract", "proxy"))


def table_name(project: Project, name: str) -> str:
    """``db_table``, or the app's label and the model's name."""
    stated = _meta(project, name, "db_table")
    if stated.shape is Shape.TEXT:
        return stated.text.strip('"')
    own = name.rpartition(".")[2].lower()
    label = _meta(project, name, "app_label").text or app_label(project, name)
    return f"{label}_{own}" if label else own


def app_label(project: Project, name: str) -> str:
    """The label of the app a model is in: its configuration's, or the last part of the app's package."""
    symbol = project.symbols.get(name)
    parts = symbol.module.name.split(".") if isinstance(symbol, ClassDefinition) else []
    while parts and parts[-1] not in _LINES_OF_MODULES:
        parts.pop()
    package = parts[:-1] or (
        symbol.module.name.split(".")[:-1] if isinstance(symbol, ClassDefinition) else []
    )
    apps = project.modules.get(".".join([*package, "apps"]))
    for one in apps.bound if apps else ():
        label = project.symbols.get(f"{'.'.join(package)}.apps.{one}.label")
        if isinstance(label, Assigned):
            return project.constant(f"{'.'.join(package)}.apps.{one}.label").text
    return package[-1] if package else ""


def _fields(project: Project, name: str) -> Iterator[tuple[str, Value]]:
    """The fields of a model as they are made, those of its abstract parents first."""
    for one in reversed(project.line(name)):
        symbol = project.symbols.get(one)
        if not isinstance(symbol, ClassDefinition) or (one != name and _has_own_table(project, symbol)):
            continue
        for member, bound in symbol.members.items():
            if isinstance(bound, Assigned) and bound.value is not None:
                made = project.evaluate(Assigned(bound.value), symbol.module, symbol.name)
                if made.shape is Shape.INSTANCE and made.text.endswith(("Field", *_REFERRING)):
                    yield member, made


def _has_own_table(project: Project, symbol: ClassDefinition) -> bool:
    return is_model(project, symbol.name) and _has_table(project, symbol)


def _columns(project: Project, name: str) -> Iterator[Column]:
    for one in project.line(name):
        yield from PARENTS.get(one, ())
    for member, made in _fields(project, name):
        last = made.text.rpartition(".")[2]
        if last in _MANY or made.text.startswith(("django.contrib.contenttypes.fields.", "rest_framework.")):
            continue
        refers = last in _REFERRING
        stated = made.get("db_column")
        column = stated.text if stated is not None and stated.text else f"{member}_id" if refers else member
        target = _target(project, name, made) if refers else ""
        key = _is(made, "primary_key")
        filled = any(made.get(option) is not None for option in _FILLED) or "Auto" in last
        required = not _is(made, "null") and not filled
        yield Column(column, last.lower(), required=required or (key and not filled), references=target)


def _is(made: Value, option: str) -> bool:
    told = made.get(option)
    return told is not None and told.text == "true"


def _target(project: Project, name: str, made: Value) -> str:
    """``table.column`` of what a field refers to."""
    model = _model(project, name, made.get("0") or made.get("to") or Value())
    if not model:
        return ""
    field = made.get("to_field")
    column = field.text if field is not None and field.text else _key(project, model)
    return f"{table_name(project, model)}.{column}" if model in project.symbols else f"{model}.{column}"


def _key(project: Project, model: str) -> str:
    keys = (member for member, made in _fields(project, model) if _is(made, "primary_key"))
    return next(keys, "id")


def _model(project: Project, name: str, told: Value) -> str:
    """The class a relation names: itself, by ``"self"``, by its name in the app, or as ``app.Model``."""
    if told.shape is Shape.NAME:
        if told.text.endswith("AUTH_USER_MODEL"):
            return _user(project)
        return told.text
    if told.shape is not Shape.TEXT:
        return ""
    if told.text == "self":
        return name
    label, _, own = told.text.rpartition(".")
    for one in project.named_last(own):
        if is_model(project, one) and (not label or app_label(project, one) == label):
            return one
    return "auth_user" if told.text == "auth.User" else ""


def _user(project: Project) -> str:
    """The model of users: the one the settings name, Django's own table otherwise."""
    for module in project.settings:
        stated = project.symbols.get(f"{module}.AUTH_USER_MODEL")
        told = project.constant(f"{module}.AUTH_USER_MODEL").text if isinstance(stated, Assigned) else ""
        for one in project.named_last(told.rpartition(".")[2]):
            if is_model(project, one):
                return one
    return "auth_user"


def _between(project: Project, name: str, symbol: ClassDefinition, place: Place) -> Iterator[Table]:
    """The tables of a model's relations to many, where no model stands for them."""
    for member, bound in symbol.members.items():
        if not isinstance(bound, Assigned) or bound.value is None:
            continue
        made = project.evaluate(Assigned(bound.value), symbol.module, name)
        if made.text.rpartition(".")[2] not in _MANY or made.get("through") is not None:
            continue
        own = table_name(project, name)
        other = _model(project, name, made.get("0") or made.get("to") or Value())
        stated = made.get("db_table")
        columns = [
            Column(f"{symbol.node.name.lower()}_id", "foreignkey", required=True, references=f"{own}.id")
        ]
        if other in project.symbols:
            last = other.rpartition(".")[2].lower()
            title = f"{table_name(project, other)}.{_key(project, other)}"
            columns.append(Column(f"{last}_id", "foreignkey", required=True, references=title))
        title = stated.text if stated is not None else f"{own}_{member}"
        yield Table(title, f"{name}.{member}", Place(place.path, bound.value.lineno, name), tuple(columns))
