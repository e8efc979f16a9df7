"""Django's models as Django sees them: which classes are models, their tables' names, and how they refer."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.scan.code import Shape, Value
from ripstop.scan.python.modules import Assigned, ClassDefinition
from ripstop.scan.python.project import Project
from ripstop.scan.python.values import instance, named

MODEL = "django.db.models.Model"
AUTH_USER = "django.contrib.auth.models.User"
MANAGER = "django.db.models.Manager"
USERS = ("django.contrib.auth.models.AbstractUser", "django.contrib.auth.models.AbstractBaseUser")
REFERRING = ("ForeignKey", "OneToOneField", "ParentalKey")
MANY = ("ManyToManyField", "ParentalManyToManyField")
_LINES_OF_MODULES = ("models", "model")


def is_model(project: Project, name: str) -> bool:
    """Whether a class is a Django model, abstract ones included."""
    return any(
        one == MODEL or one in USERS or one.endswith(".db.models.Model") for one in project.line(name)[1:]
    )


def _meta(project: Project, name: str, option: str) -> Value:
    found = project.symbols.get(f"{name}.Meta.{option}")
    return project.constant(f"{name}.Meta.{option}") if isinstance(found, Assigned) else Value()


def has_table(project: Project, symbol: ClassDefinition) -> bool:
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


def fields(project: Project, name: str) -> Iterator[tuple[str, Value]]:
    """The fields of a model as they are made, those of its abstract parents first."""
    for one in reversed(project.line(name)):
        symbol = project.symbols.get(one)
        if not isinstance(symbol, ClassDefinition) or (one != name and _has_own_table(project, symbol)):
            continue
        for member, bound in symbol.members.items():
            if isinstance(bound, Assigned) and bound.value is not None:
                made = project.evaluate(Assigned(bound.value), symbol.module, symbol.name)
                if made.shape is Shape.INSTANCE and made.text.endswith(("Field", *REFERRING)):
                    yield member, made


def _has_own_table(project: Project, symbol: ClassDefinition) -> bool:
    return is_model(project, symbol.name) and has_table(project, symbol)


def is_set(made: Value, option: str) -> bool:
    told = made.get(option)
    return told is not None and told.text == "true"


def key(project: Project, model: str) -> str:
    keys = (member for member, made in fields(project, model) if is_set(made, "primary_key"))
    return next(keys, "id")


def model_named(project: Project, name: str, told: Value) -> str:
    """The class a relation names: itself, by ``"self"``, by its name in the app, or as ``app.Model``."""
    if told.shape is Shape.NAME:
        if told.text.endswith("AUTH_USER_MODEL"):
            return users(project)
        return told.text
    if told.shape is not Shape.TEXT:
        return ""
    if told.text == "self":
        return name
    label, _, own = told.text.rpartition(".")
    for one in project.named_last(own):
        if is_model(project, one) and (not label or app_label(project, one) == label):
            return one
    return AUTH_USER if told.text == "auth.User" else ""


def users(project: Project) -> str:
    """The model of users: the one the settings name, Django's own table otherwise."""
    for module in project.settings:
        stated = project.symbols.get(f"{module}.AUTH_USER_MODEL")
        told = project.constant(f"{module}.AUTH_USER_MODEL").text if isinstance(stated, Assigned) else ""
        for one in project.named_last(told.rpartition(".")[2]):
            if is_model(project, one):
                return one
    return AUTH_USER


def field_value(project: Project, kind: str, made: Value) -> Value:
    """What an object holds in a field: another object, or a manager of several, or a plain value."""
    last = made.text.rpartition(".")[2]
    if last not in (*REFERRING, *MANY):
        return Value()
    other = model_named(project, kind, made.get("0") or made.get("to") or Value())
    if other not in project.symbols:
        return Value()
    return _many(other) if last in MANY else instance(other)


def _many(model: str) -> Value:
    return instance(MANAGER, (("model", named(model)),))


def related(project: Project, kind: str, name: str) -> Value | None:
    """What a model's object holds of those that refer to it: ``order.lines``, ``order.line_set``."""
    if not project.related:
        project.related[("", "")] = Value()
        for one, symbol in list(project.symbols.items()):
            if isinstance(symbol, ClassDefinition) and is_model(project, one):
                _note(project, one)
    return next((found for of in project.line(kind) if (found := project.related.get((of, name)))), None)


def _note(project: Project, one: str) -> None:
    for _, made in fields(project, one):
        last = made.text.rpartition(".")[2]
        if last not in (*REFERRING, *MANY):
            continue
        other = model_named(project, one, made.get("0") or made.get("to") or Value())
        own = one.rpartition(".")[2].lower()
        stated = made.get("related_name")
        single = last == "OneToOneField"
        name = stated.text if stated is not None and stated.text else own if single else f"{own}_set"
        project.related.setdefault((other, name), instance(one) if single else _many(one))
