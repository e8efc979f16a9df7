"""What a call gives: an object, a setting, a statement that keeps how it was built. No syntax here."""

from __future__ import annotations

import ast
import re

from ripstop.scan.code import Shape, Value
from ripstop.scan.python import django_models, library, texts
from ripstop.scan.python.attributes import is_django_model
from ripstop.scan.python.modules import ClassDefinition, Definition
from ripstop.scan.python.project import Project
from ripstop.scan.python.values import (
    OWNER,
    UNKNOWN_VALUE,
    Items,
    first_known,
    instance,
    listed,
    made,
    named,
    one_of,
    setting,
)

ENVIRONMENT = frozenset({
    "os.getenv", "os.environ.get", "os.environ.pop", "os.environ.setdefault", "os.environ.__getitem__",
    "decouple.config", "starlette.config.Config.__call__", "environs.Env.__call__", "environ.Env.__call__",
})  # fmt: skip
_TYPED = re.compile(
    r"^(environs|environ)\.Env\.(str|int|bool|float|url|list|json|dict|db|db_url|cache_url|path)$"
)
_CLIENT = re.compile(
    r"^(aio)?boto(3|core)(\.[sS]ession|\.Session)?(\.Session)?\.(client|resource|create_client)$"
)
CONSTRUCTORS = re.compile(
    r"\.(from_url|from_env|from_dsn|from_settings|from_connection_string|model_validate\w*|model_construct"
    r"|parse_obj|parse_raw|construct|from_orm|from_dict|model_copy)$"
)
SAME_VALUE = frozenset({
    "str", "int", "float", "list", "tuple", "sorted", "set", "iter", "reversed", "textwrap.dedent",
    "inspect.cleandoc", "contextlib.closing", "contextlib.aclosing", "copy.copy", "copy.deepcopy",
    "fastapi.Depends.__call__", "pydantic.TypeAdapter.validate_python", "pydantic.PostgresDsn",
    "pydantic.HttpUrl", "pydantic.AnyUrl", "pydantic.AnyHttpUrl", "pydantic.RedisDsn",
    "sqlalchemy.make_url", "sqlalchemy.engine.make_url", "yarl.URL", "furl.furl", "httpx.URL",
    "starlette.datastructures.Secret", "pydantic.SecretStr", "asyncio.create_task", "asyncio.shield",
    "asyncio.wait_for", "functools.partial", "contextlib.AsyncExitStack.enter_async_context",
    "contextlib.ExitStack.enter_context", "next", "anext", "psycopg.sql.SQL",
})  # fmt: skip
"""Calls that give (a form of) their first argument."""
ONE_OF_MODEL = frozenset(
    {"get", "first", "last", "create", "earliest", "latest", "aget", "afirst", "alast", "acreate"}
)
PAIR_OF_MODEL = frozenset({"get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create"})
COUNTS = frozenset({
    "count", "exists", "delete", "update", "aggregate", "acount", "aexists", "adelete", "aupdate",
    "values_list", "in_bulk",
})  # fmt: skip
SESSIONS = ("sqlalchemy.orm.Session", "sqlalchemy.ext.asyncio.AsyncSession", "flask_sqlalchemy.SQLAlchemy")
QUERY_SET = "django.db.models.QuerySet"


def result(project: Project, callee: Value, items: Items, owner: Value) -> Value:
    """The value of a call of ``callee`` with these arguments (and ``.`` for what it was called on)."""
    if callee.shape is not Shape.NAME:
        return _kept_text(callee, owner, items)
    symbol = project.symbols.get(callee.text)
    if isinstance(symbol, ClassDefinition):
        return instance(callee.text, items)
    if isinstance(symbol, Definition):
        return _with_model(project, _of_function(project, callee.text, items), owner)
    return _of_library(project, callee.text, items, owner)


def _of_function(project: Project, name: str, items: Items) -> Value:
    summary = project.summary(name)
    if summary.yielded.shape is Shape.UNKNOWN and summary.returned.shape is not Shape.UNKNOWN:
        return summary.returned
    return made(Shape.CALL, name, items)


def _with_model(project: Project, value: Value, owner: Value) -> Value:
    """What a manager's own method gives: rows of the manager's model."""
    model = model_of(project, owner)
    if model.shape is Shape.UNKNOWN or not project.is_kind(value.text, QUERY_SET, django_models.MANAGER):
        return value
    return instance(value.text, (("model", model),))


def _of_library(project: Project, name: str, items: Items, owner: Value) -> Value:
    special = _setting(name, items) or _shaped(project, name, items, owner) or _entity(project, name, items)
    if special is not None:
        return special
    if library.is_builder(name):
        return made(Shape.CALL, name, items)
    kind = library.result_type(name)
    if kind:
        return instance(kind, items)
    if CONSTRUCTORS.search(name):
        return instance(
            owner.text if owner.shape in (Shape.NAME, Shape.INSTANCE) else name.rpartition(".")[0], items
        )
    return instance(name, items) if library.is_class_name(name) else made(Shape.CALL, name, items)


def _first(items: Items) -> Value:
    return next((value for name, value in items if name == "0"), UNKNOWN_VALUE)


def _get(items: Items, name: str) -> Value:
    return next((value for own, value in items if own == name), UNKNOWN_VALUE)


def _setting(name: str, items: Items) -> Value | None:
    if name not in ENVIRONMENT and not _TYPED.match(name):
        return None
    variable = first_known(_first(items), _get(items, "key"))
    default = first_known(_get(items, "1"), _get(items, "default"), _get(items, "cast_default"))
    return setting(variable.text, default) if variable.shape is Shape.TEXT else UNKNOWN_VALUE


def _shaped(project: Project, name: str, items: Items, owner: Value) -> Value | None:
    """Calls that give a form of what they were given."""
    if name in SAME_VALUE:
        return _same(items)
    if name in ("dict.get", "dict.pop", "dict.setdefault"):
        table, key = project.meant(owner), _first(items)
        known = table.get(key.text) if key.shape is Shape.TEXT else one_of(table)
        return known or UNKNOWN_VALUE
    if name.startswith("str."):
        return _kept_text(named(name), owner, items)
    if _CLIENT.match(name):
        return instance(f"boto3.{_first(items).text or 'client'}", items)
    if name.startswith("django."):
        return _of_django(project, name, items, owner)
    return _of_two(name, items)


def _same(items: Items) -> Value | None:
    value = _first(items)
    if value.shape is Shape.UNKNOWN:
        return None
    return value if value.shape is not Shape.NOTHING else UNKNOWN_VALUE


def _of_two(name: str, items: Items) -> Value | None:
    match name:
        case "typing.cast":
            return instance(_first(items).text) if _first(items).shape is Shape.NAME else _get(items, "1")
        case "asyncio.gather":
            return listed(item for key, item in items if key.isdigit())
        case "urllib.parse.urljoin":
            return texts.address(_first(items), _get(items, "1"))
    return None


def _of_django(project: Project, name: str, items: Items, owner: Value) -> Value | None:
    if name == "django.contrib.auth.get_user_model":
        return named(django_models.users(project))
    if name.endswith(".as_manager"):
        return instance(owner.text)
    return _first(items) if name.endswith(".from_queryset") else None


def _kept_text(callee: Value, owner: Value, items: Items) -> Value:
    method = callee.text.rpartition(".")[2]
    if callee.shape is not Shape.NAME or not texts.is_text(owner):
        return UNKNOWN_VALUE
    if method in texts.KEEPING:
        return owner
    if method == "format" and owner.shape is Shape.TEXT:
        return texts.formatted(owner, dict(items))
    return instance("str") if method in ("join", "replace", "format", "title") else UNKNOWN_VALUE


def _entity(project: Project, name: str, items: Items) -> Value | None:
    """The object of a table that a query gives."""
    kind, _, method = name.rpartition(".")
    if kind in ("django.db.models.Manager", QUERY_SET) or kind.endswith(("Manager", "QuerySet")):
        return _of_manager(project, name, items)
    if name in ("django.shortcuts.get_object_or_404", "django.shortcuts.aget_object_or_404"):
        model = table_in(project, _first(items))
        return instance(model) if model else None
    if kind in SESSIONS:
        if method in ("get", "get_one", "merge", "get_or_404"):
            first = project.meant(_first(items))
            return instance(first.text) if first.shape in (Shape.NAME, Shape.INSTANCE) else None
        if method == "scalar":
            found = table_in(project, _first(items))
            return instance(found) if found else None
    if kind in ("sqlalchemy.orm.Query", "sqlalchemy.Result", "sqlalchemy.ScalarResult"):
        found = table_in(project, _get(items, OWNER))
        if found and method in library.ONE:
            return instance(found)
        if found and method in library.MANY:
            return listed([instance(found)])
    return None


def _of_manager(project: Project, name: str, items: Items) -> Value | None:
    method = name.rpartition(".")[2]
    model = model_of(project, _get(items, OWNER))
    if model.shape is Shape.UNKNOWN:
        single = method in ONE_OF_MODEL | PAIR_OF_MODEL | COUNTS
        return UNKNOWN_VALUE if single else instance(QUERY_SET)
    if method in ONE_OF_MODEL:
        return instance(model.text)
    if method in PAIR_OF_MODEL:
        return listed([instance(model.text), instance("bool")])
    return UNKNOWN_VALUE if method in COUNTS else instance(QUERY_SET, (("model", model),))


def model_of(project: Project, manager: Value) -> Value:
    """The model whose rows a manager or a query set stands for."""
    return project.meant(manager).get("model") or UNKNOWN_VALUE


def table_in(project: Project, value: Value, *, most: int = 40) -> str:
    """The class of a table that a statement names first, however it was built on."""
    waiting = [project.meant(value)]
    while waiting and most:
        most -= 1
        one = waiting.pop(0)
        if one.shape in (Shape.NAME, Shape.INSTANCE) and is_table(project, one.text):
            return one.text
        if one.shape is Shape.CALL or one.text == QUERY_SET or one.get("model"):
            first = [project.meant(item) for name, item in one.items if name in ("0", OWNER, "model")]
            waiting = [*reversed(first), *waiting]
    return ""


def is_table(project: Project, name: str) -> bool:
    """Whether the project's class is one whose objects are rows."""
    symbol = project.symbols.get(name)
    if not isinstance(symbol, ClassDefinition):
        return False
    if any(isinstance(key.value, ast.Constant) and key.arg == "table" for key in symbol.node.keywords):
        return True
    if project.inherited(name, "__tablename__") or project.inherited(name, "__table__"):
        return True
    return is_django_model(project, name) or any(
        one.endswith(".SQLAlchemy.Model") for one in project.line(name)
    )


def element(project: Project, value: Value) -> Value:
    """What going through a value gives one after another."""
    value = project.meant(value)
    if value.shape is Shape.LIST:
        return value.items[0][1] if value.items else UNKNOWN_VALUE
    if value.shape is Shape.INSTANCE:
        return _element_of_instance(project, value)
    if value.shape is Shape.CALL and not isinstance(project.symbols.get(value.text), Definition):
        found = table_in(project, value) if library.result_type(value.text) else ""
        return instance(found) if found else UNKNOWN_VALUE
    if value.shape is Shape.CALL:
        return project.summary(value.text).yielded
    return UNKNOWN_VALUE


def _element_of_instance(project: Project, value: Value) -> Value:
    model = model_of(project, value)
    if model.shape is Shape.NAME:
        return instance(model.text)
    if value.text == "collections.abc.Iterator":
        return value.get("0") or UNKNOWN_VALUE
    return UNKNOWN_VALUE


def entered(project: Project, value: Value) -> Value:
    """What ``with value as x`` gives."""
    meant = project.meant(value)
    if meant.shape is Shape.CALL and meant.text in project.symbols:
        return project.summary(meant.text).yielded
    if meant.shape is Shape.INSTANCE:
        for method in ("__enter__", "__aenter__"):
            found = project.inherited(meant.text, method)
            if found:
                summary = project.summary(found)
                return first_known(summary.returned, value)
    return value
