"""What an attribute of a value is: a method, a setting, an object kept on ``self``. No syntax here."""

from __future__ import annotations

import ast

from ripstop.scan.code import Shape, Value
from ripstop.scan.python import django_models, library
from ripstop.scan.python.modules import Assigned, ClassDefinition, Definition, Module
from ripstop.scan.python.project import Project
from ripstop.scan.python.templates import own_copy
from ripstop.scan.python.values import OWNER, UNKNOWN_VALUE, instance, named, setting

SETTINGS = ("pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.v1.BaseSettings")
MODEL = "django.db.models.Model"
MANAGERS = ("django.db.models.Manager", "django.db.models.QuerySet", "django.db.models.BaseManager")
STATEMENTS = ("select", "insert", "update", "delete")
TASKS = {
    "delay": "celery.Task.delay",
    "apply_async": "celery.Task.apply_async",
    "s": "celery.Task.s",
    "si": "celery.Task.si",
    "signature": "celery.Task.signature",
    "send": "dramatiq.Actor.send",
    "send_with_options": "dramatiq.Actor.send_with_options",
    "kiq": "taskiq.Task.kiq",
    "schedule": "huey.Task.schedule",
    "enqueue": "django.tasks.Task.enqueue",
}
"""Methods that a decorator gives a function, which is then run by a worker."""


def attribute(project: Project, owner: Value, name: str) -> Value:
    """The value of ``owner.name``: a NAME where it is a method or a library's, by its dotted name."""
    if owner.shape is Shape.NAME:
        meant = project.meant(owner)
        if meant is owner:
            return _of_name(project, owner.text, name)
        if name in ("c", "columns") and project.type_of(meant) == "sqlalchemy.Table":
            return named(f"{owner.text}.{name}")
        owner = meant
        if owner.shape is Shape.NAME:
            return _of_name(project, owner.text, name)
    kind = project.type_of(owner)
    if not kind:
        return UNKNOWN_VALUE
    if kind in project.symbols or project.bases(kind):
        return _of_instance(project, owner, kind, name)
    return _of_library(project, owner, kind, name)


def _of_name(project: Project, dotted: str, name: str) -> Value:
    symbol = project.symbols.get(dotted)
    if isinstance(symbol, Module):
        return project.value(project.member(dotted, name))
    if isinstance(symbol, ClassDefinition):
        return _of_class(project, dotted, name)
    if isinstance(symbol, Definition):
        return named(TASKS.get(name, f"{dotted}.{name}"))
    if symbol is not None:
        return UNKNOWN_VALUE
    if dotted == "django.conf.settings":
        return _django_setting(project, name)
    whole = library.public(f"{dotted}.{name}")
    if (dotted.endswith(".state") or dotted == "flask.g") and name in project.shared:
        return shared(project, name)
    found = project.symbols.get(whole)
    return project.value(whole) if found is not None else named(whole)


def _django_setting(project: Project, name: str) -> Value:
    for module in project.settings:
        found = project.member(module, name)
        if found in project.symbols:
            return project.value(found)
    return named(f"django.conf.settings.{name}")


def _of_class(project: Project, kind: str, name: str) -> Value:
    """An attribute of a class itself: a constant of its body, or the dotted name of what it is."""
    found = project.inherited(kind, name)
    symbol = project.symbols.get(found)
    if isinstance(symbol, Definition | ClassDefinition):
        return named(found)
    if isinstance(symbol, Assigned):
        value = project.constant(found) if symbol.value is not None else UNKNOWN_VALUE
        if project.is_kind(project.type_of(value), *MANAGERS):
            return instance(value.text, (("model", named(kind)), *value.items))
        plain = (Shape.TEXT, Shape.NUMBER, Shape.SETTING, Shape.LIST, Shape.MAPPING)
        return value if value.shape in plain else named(f"{kind}.{name}")
    outside = project.outside(kind)
    if name in ("objects", "_default_manager") and is_django_model(project, kind):
        return instance("django.db.models.Manager", (("model", named(kind)),))
    if name == "query" and outside == "flask_sqlalchemy.SQLAlchemy.Model":
        return Value(Shape.CALL, "sqlalchemy.orm.Session.query", (("0", named(kind)),))
    return _statement(project, kind, name) or named(f"{outside}.{name}" if outside else f"{kind}.{name}")


def _statement(project: Project, kind: str, name: str) -> Value | None:
    """``User.select()``, ``user.posts.select()``: a statement on a class's rows, made for it by a library."""
    mapped = name in STATEMENTS and project.outside(kind) and project.inherited(kind, "__tablename__")
    return named(f"sqlalchemy.{name}") if mapped else None


def is_django_model(project: Project, kind: str) -> bool:
    return any(one.startswith(("django.db.models.", "django.contrib.")) for one in project.line(kind))


def _of_instance(project: Project, owner: Value, kind: str, name: str) -> Value:
    found = project.inherited(kind, name)
    symbol = project.symbols.get(found)
    if isinstance(symbol, Definition):
        if symbol.is_property:
            return project.summary(found).returned
        return named(own_copy(project, kind, implemented(project, kind, found)))
    if project.is_kind(kind, *SETTINGS) and isinstance(symbol, Assigned):
        return _setting(project, kind, name, found)
    if isinstance(symbol, Assigned):
        value = project.constant(found)
        if value.shape is Shape.INSTANCE and value.text.endswith(
            (".Column", "Field", *django_models.REFERRING)
        ):
            return django_models.field_value(project, kind, value)
        own = project.own_value(kind, name)
        return own if own is not None and value.shape in (Shape.UNKNOWN, Shape.NOTHING) else value
    own = project.own_value(kind, name)
    if own is not None:
        return own
    if is_django_model(project, kind) and (several := django_models.related(project, kind, name)):
        return several
    outside = project.outside(kind)
    if outside and (statement := _statement(project, kind, name)):
        return statement
    return _of_library(project, owner, outside, name) if outside else UNKNOWN_VALUE


def implemented(project: Project, kind: str, method: str) -> str:
    """The method that runs where one is only declared and a single class below implements it."""
    symbol = project.symbols[method]
    if not isinstance(symbol, Definition) or not is_declared_only(symbol):
        return method
    own = method.rpartition(".")[2]
    below = [one for one in project.below(kind) if f"{one}.{own}" in project.symbols]
    return f"{below[0]}.{own}" if len(below) == 1 else method


def is_declared_only(definition: Definition) -> bool:
    """Whether a method has no body of its own: a docstring, ``...`` or ``raise NotImplementedError``."""
    return all(_says_nothing(statement) for statement in getattr(definition.node, "body", [definition]))


def _says_nothing(statement: object) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
    return False


def _setting(project: Project, kind: str, name: str, found: str) -> Value:
    """A field of a settings class: the variable it is read from, and its default."""
    symbol = project.symbols[found]
    default = None
    if isinstance(symbol, Assigned) and symbol.value is not None:
        default = project.evaluate(Assigned(symbol.value), project.homes[found], kind)
        if default.shape is Shape.INSTANCE and default.text in project.symbols:
            return default
        for alias in ("validation_alias", "alias", "env"):
            stated = default.get(alias)
            if stated is not None and stated.shape is Shape.TEXT:
                return setting(stated.text, default.get("default") or default.get("0"))
        if default.shape in (Shape.CALL, Shape.NAME, Shape.INSTANCE):
            default = default.get("default") or default.get("0") if default.text == "pydantic.Field" else None
    config = project.constant(inherited) if (inherited := project.inherited(kind, "model_config")) else None
    prefix = config.get("env_prefix") if config else None
    return setting(f"{prefix.text if prefix else ''}{name}".upper(), default)


def _of_library(project: Project, owner: Value, kind: str, name: str) -> Value:
    kind = library.SAME.get(kind, kind) if name not in ("__call__", "remove") else kind
    whole = f"{kind}.{name}"
    if whole in library.ATTRIBUTES:
        return instance(library.ATTRIBUTES[whole], ((OWNER, owner),))
    if name in library.OF_EXTENSIONS and "alchem" in kind.rpartition(".")[2].lower():
        own = library.OF_EXTENSIONS[name]
        return named(own) if name[0].isupper() else instance(own, ((OWNER, owner),))
    if kind.endswith(".state") and name in project.shared:
        return shared(project, name)
    return named(library.public(whole))


def shared(project: Project, name: str) -> Value:
    """What was put on an application's ``state`` under that name, wherever that happens."""
    key = f"state.{name}"
    if key not in project.values:
        project.values[key] = UNKNOWN_VALUE
        assigned, module = project.shared[name]
        project.learn(key, project.evaluate(assigned, module, module.name))
        project.ask(key, assigned)
    return project.values[key]
