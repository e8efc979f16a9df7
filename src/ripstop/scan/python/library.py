"""What the libraries people use give back: types by the dotted names of calls. Data, and looking it up.

Names are public ones (``sqlalchemy.orm.Session``), whatever module a library defines them in.
"""

from __future__ import annotations

from functools import lru_cache

MOVED = {
    "sqlmodel.Session": "sqlalchemy.orm.Session",
    "sqlmodel.create_engine": "sqlalchemy.create_engine",
    "sqlmodel.select": "sqlalchemy.select",
    "sqlmodel.delete": "sqlalchemy.delete",
    "sqlmodel.insert": "sqlalchemy.insert",
    "sqlmodel.update": "sqlalchemy.update",
    "sqlmodel.text": "sqlalchemy.text",
    "sqlmodel.func": "sqlalchemy.func",
    **{
        f"sqlmodel.{name}": f"sqlalchemy.{name}"
        for name in ("exists", "union", "union_all", "and_", "or_", "not_")
    },
    "sqlmodel.main.SQLModel": "sqlmodel.SQLModel",
    "sqlmodel.ext.asyncio.session.AsyncSession": "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.engine.create_engine": "sqlalchemy.create_engine",
    "sqlalchemy.engine.Engine": "sqlalchemy.Engine",
    "sqlalchemy.engine.Connection": "sqlalchemy.Connection",
    "sqlalchemy.engine.base.Connection": "sqlalchemy.Connection",
    "sqlalchemy.engine.base.Engine": "sqlalchemy.Engine",
    "sqlalchemy.future.select": "sqlalchemy.select",
    "sqlalchemy.sql.select": "sqlalchemy.select",
    "sqlalchemy.sql.text": "sqlalchemy.text",
    "sqlalchemy.sql.expression.select": "sqlalchemy.select",
    "sqlalchemy.sql.expression.text": "sqlalchemy.text",
    "sqlalchemy.orm.session.Session": "sqlalchemy.orm.Session",
    "sqlalchemy.orm.session.sessionmaker": "sqlalchemy.orm.sessionmaker",
    "sqlalchemy.ext.declarative.declarative_base": "sqlalchemy.orm.declarative_base",
    "sqlalchemy.ext.asyncio.engine.create_async_engine": "sqlalchemy.ext.asyncio.create_async_engine",
    "sqlalchemy.ext.asyncio.session.AsyncSession": "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.dialects.postgresql.insert": "sqlalchemy.insert",
    "sqlalchemy.dialects.mysql.insert": "sqlalchemy.insert",
    "sqlalchemy.dialects.sqlite.insert": "sqlalchemy.insert",
    "sqlalchemy.sql.schema.Table": "sqlalchemy.Table",
    "sqlalchemy.schema.Table": "sqlalchemy.Table",
    "sqlalchemy.schema.Column": "sqlalchemy.Column",
    "redis.client.Redis": "redis.Redis",
    "redis.StrictRedis": "redis.Redis",
    "redis.client.StrictRedis": "redis.Redis",
    "redis.asyncio.client.Redis": "redis.asyncio.Redis",
    "redis.asyncio.StrictRedis": "redis.asyncio.Redis",
    "aioredis.Redis": "redis.asyncio.Redis",
    "aioredis.from_url": "redis.asyncio.from_url",
    "requests.sessions.Session": "requests.Session",
    "requests.session": "requests.Session",
    "requests.api.post": "requests.post",
    "requests.api.get": "requests.get",
    "requests.exceptions.RequestException": "requests.RequestException",
    "asyncpg.connection.Connection": "asyncpg.Connection",
    "asyncpg.pool.Pool": "asyncpg.Pool",
    "psycopg.connection.Connection": "psycopg.Connection",
    "psycopg.AsyncConnection.connect": "psycopg.AsyncConnection.connect",
    "psycopg2.extensions.connection": "psycopg2.Connection",
    "psycopg2.extensions.cursor": "psycopg2.Cursor",
    "celery.app.task.Task": "celery.Task",
    "celery.app.shared_task": "celery.shared_task",
    "fastapi.applications.FastAPI": "fastapi.FastAPI",
    "fastapi.routing.APIRouter": "fastapi.APIRouter",
    "fastapi.param_functions.Depends": "fastapi.Depends",
    "fastapi.params.Depends": "fastapi.Depends",
    "fastapi.exceptions.HTTPException": "fastapi.HTTPException",
    "fastapi.requests.Request": "fastapi.Request",
    "starlette.responses.JSONResponse": "starlette.responses.JSONResponse",
    "fastapi.background.BackgroundTasks": "fastapi.BackgroundTasks",
    "flask.app.Flask": "flask.Flask",
    "flask.blueprints.Blueprint": "flask.Blueprint",
    "django.db.models.base.Model": "django.db.models.Model",
    "django.db.models.query.QuerySet": "django.db.models.QuerySet",
    "django.db.models.manager.Manager": "django.db.models.Manager",
    "django.contrib.gis.db.models.Model": "django.db.models.Model",
    "django.contrib.auth.models.AbstractUser": "django.contrib.auth.models.AbstractUser",
}
"""Other places of a name, by its public one."""

_ENGINE = "sqlalchemy.Engine"
_ASYNC_ENGINE = "sqlalchemy.ext.asyncio.AsyncEngine"
_CONNECTION = "sqlalchemy.Connection"
_ASYNC_CONNECTION = "sqlalchemy.ext.asyncio.AsyncConnection"
_SESSION = "sqlalchemy.orm.Session"
_ASYNC_SESSION = "sqlalchemy.ext.asyncio.AsyncSession"
_MAKER = "sqlalchemy.orm.sessionmaker"
_ASYNC_MAKER = "sqlalchemy.ext.asyncio.async_sessionmaker"
_SCOPED = "sqlalchemy.orm.scoped_session"

RESULTS = {
    "sqlalchemy.create_engine": _ENGINE,
    "sqlalchemy.engine_from_config": _ENGINE,
    "sqlalchemy.ext.asyncio.create_async_engine": _ASYNC_ENGINE,
    "sqlalchemy.orm.sessionmaker": _MAKER,
    "sqlalchemy.ext.asyncio.async_sessionmaker": _ASYNC_MAKER,
    "sqlalchemy.orm.scoped_session": _SCOPED,
    "sqlalchemy.ext.asyncio.async_scoped_session": "sqlalchemy.ext.asyncio.async_scoped_session",
    f"{_ENGINE}.begin": _CONNECTION,
    f"{_ENGINE}.connect": _CONNECTION,
    f"{_ASYNC_ENGINE}.begin": _ASYNC_CONNECTION,
    f"{_ASYNC_ENGINE}.connect": _ASYNC_CONNECTION,
    f"{_MAKER}.__call__": _SESSION,
    f"{_MAKER}.begin": _SESSION,
    f"{_SCOPED}.__call__": _SESSION,
    f"{_ASYNC_MAKER}.__call__": _ASYNC_SESSION,
    f"{_ASYNC_MAKER}.begin": _ASYNC_SESSION,
    "sqlalchemy.ext.asyncio.async_scoped_session.__call__": _ASYNC_SESSION,
    f"{_SESSION}.connection": _CONNECTION,
    f"{_SESSION}.begin": "sqlalchemy.orm.SessionTransaction",
    f"{_SESSION}.begin_nested": "sqlalchemy.orm.SessionTransaction",
    f"{_CONNECTION}.begin": "sqlalchemy.Transaction",
    "psycopg.connect": "psycopg.Connection",
    "psycopg.Connection.connect": "psycopg.Connection",
    "psycopg.AsyncConnection.connect": "psycopg.AsyncConnection",
    "psycopg.Connection.cursor": "psycopg.Cursor",
    "psycopg.AsyncConnection.cursor": "psycopg.AsyncCursor",
    "psycopg.Connection.execute": "psycopg.Cursor",
    "psycopg.AsyncConnection.execute": "psycopg.AsyncCursor",
    "psycopg.Cursor.execute": "psycopg.Cursor",
    "psycopg_pool.ConnectionPool.connection": "psycopg.Connection",
    "psycopg_pool.ConnectionPool.getconn": "psycopg.Connection",
    "psycopg_pool.AsyncConnectionPool.connection": "psycopg.AsyncConnection",
    "psycopg_pool.AsyncConnectionPool.getconn": "psycopg.AsyncConnection",
    "psycopg2.connect": "psycopg2.Connection",
    "psycopg2.Connection.cursor": "psycopg2.Cursor",
    "psycopg2.pool.SimpleConnectionPool.getconn": "psycopg2.Connection",
    "psycopg2.pool.ThreadedConnectionPool.getconn": "psycopg2.Connection",
    "asyncpg.connect": "asyncpg.Connection",
    "asyncpg.create_pool": "asyncpg.Pool",
    "asyncpg.Pool.acquire": "asyncpg.Connection",
    "sqlite3.connect": "sqlite3.Connection",
    "sqlite3.Connection.cursor": "sqlite3.Cursor",
    "sqlite3.Connection.execute": "sqlite3.Cursor",
    "aiosqlite.connect": "aiosqlite.Connection",
    "pymysql.connect": "pymysql.Connection",
    "pymysql.Connection.cursor": "pymysql.Cursor",
    "MySQLdb.connect": "MySQLdb.Connection",
    "MySQLdb.Connection.cursor": "MySQLdb.Cursor",
    "mysql.connector.connect": "mysql.connector.Connection",
    "mysql.connector.Connection.cursor": "mysql.connector.Cursor",
    "django.db.connection.cursor": "django.db.Cursor",
    "django.db.models.Manager.raw": "django.db.models.RawQuerySet",
    "redis.from_url": "redis.Redis",
    "redis.asyncio.from_url": "redis.asyncio.Redis",
    "redis.Redis.pipeline": "redis.Pipeline",
    "redis.asyncio.Redis.pipeline": "redis.asyncio.Pipeline",
    "pika.BlockingConnection.channel": "pika.Channel",
    "aio_pika.connect": "aio_pika.Connection",
    "aio_pika.connect_robust": "aio_pika.Connection",
    "aio_pika.Connection.channel": "aio_pika.Channel",
    "arq.create_pool": "arq.ArqRedis",
    "arq.connections.create_pool": "arq.ArqRedis",
    "email.message_from_string": "email.message.Message",
    "pymongo.MongoClient.__getitem__": "pymongo.Database",
    "concurrent.futures.ThreadPoolExecutor.submit": "concurrent.futures.Future",
    "pathlib.Path.open": "io.TextIOWrapper",
    "open": "io.TextIOWrapper",
    "dict": "dict",
    "list": "list",
    "set": "set",
    "sorted": "list",
    "str": "str",
    "int": "int",
    "float": "float",
    "bytes": "bytes",
    "bool": "bool",
    "len": "int",
    "logging.getLogger": "logging.Logger",
    "structlog.get_logger": "logging.Logger",
    "uuid.uuid4": "uuid.UUID",
    "json.dumps": "str",
    "datetime.datetime.now": "datetime.datetime",
    "datetime.datetime.utcnow": "datetime.datetime",
    "re.compile": "re.Pattern",
}
"""The class of what a call gives, where the call is no constructor."""

_HTTP = ("get", "post", "put", "patch", "delete", "head", "options", "request", "send")
for _client, _reply in {
    "requests": "requests.Response",
    "requests.Session": "requests.Response",
    "httpx": "httpx.Response",
    "httpx.Client": "httpx.Response",
    "httpx.AsyncClient": "httpx.Response",
    "aiohttp.ClientSession": "aiohttp.ClientResponse",
}.items():
    RESULTS |= {f"{_client}.{_verb}": _reply for _verb in _HTTP}

BUILDERS = {
    "sqlalchemy.select": "sqlalchemy.Select",
    "sqlalchemy.insert": "sqlalchemy.Insert",
    "sqlalchemy.update": "sqlalchemy.Update",
    "sqlalchemy.delete": "sqlalchemy.Delete",
    "sqlalchemy.text": "sqlalchemy.TextClause",
    "sqlalchemy.union": "sqlalchemy.Select",
    "sqlalchemy.exists": "sqlalchemy.Select",
    "sqlalchemy.Table.insert": "sqlalchemy.Insert",
    "sqlalchemy.Table.update": "sqlalchemy.Update",
    "sqlalchemy.Table.delete": "sqlalchemy.Delete",
    "sqlalchemy.Table.select": "sqlalchemy.Select",
    f"{_SESSION}.query": "sqlalchemy.orm.Query",
    f"{_SESSION}.scalars": "sqlalchemy.ScalarResult",
    f"{_SESSION}.execute": "sqlalchemy.Result",
    f"{_SESSION}.exec": "sqlalchemy.ScalarResult",
    f"{_ASYNC_SESSION}.scalars": "sqlalchemy.ScalarResult",
    f"{_ASYNC_SESSION}.execute": "sqlalchemy.Result",
    f"{_ASYNC_SESSION}.exec": "sqlalchemy.ScalarResult",
    f"{_CONNECTION}.execute": "sqlalchemy.Result",
    f"{_ASYNC_CONNECTION}.execute": "sqlalchemy.Result",
    "sqlalchemy.Result.scalars": "sqlalchemy.ScalarResult",
    "sqlalchemy.Result.mappings": "sqlalchemy.MappingResult",
    "sqlalchemy.Result.unique": "sqlalchemy.Result",
    "sqlalchemy.ScalarResult.unique": "sqlalchemy.ScalarResult",
}
"""Calls whose results keep how they were made, by the type of the result."""

FLUENT = ("sqlalchemy.Select", "sqlalchemy.Insert", "sqlalchemy.Update", "sqlalchemy.Delete",
          "sqlalchemy.TextClause", "sqlalchemy.orm.Query")  # fmt: skip
"""Types whose methods give the same type again."""
ONE = ("first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "get", "fetchone",
       "first_or_404", "get_or_404", "one_or_404")  # fmt: skip
"""Methods of a result that give a single object."""
MANY = ("paginate", "all", "fetchall", "fetchmany", "partitions")

ATTRIBUTES = {
    "flask_sqlalchemy.SQLAlchemy.session": _SESSION,
    "flask_sqlalchemy.SQLAlchemy.engine": _ENGINE,
    "flask_sqlalchemy.extension.SQLAlchemy.session": _SESSION,
    "sqlmodel.Session.session": _SESSION,
    "fastapi.Request.session": "dict",
}
"""Attributes of a type that are objects of another."""
OF_EXTENSIONS = {"session": _SESSION, "engine": _ENGINE, "Session": _SESSION}
"""What the object of an extension that carries SQLAlchemy's name (``Alchemical``, ``SQLAlchemy``) offers."""
SAME = {
    _SCOPED: _SESSION,
    "sqlalchemy.ext.asyncio.async_scoped_session": _ASYNC_SESSION,
    "sqlalchemy.ext.asyncio.AsyncSessionTransaction": _ASYNC_SESSION,
}
"""Types that pass calls on to another's methods."""


EXTENDED = frozenset({
    "Model", "session", "engine", "engines", "init_app", "create_all", "drop_all", "get_or_404",
    "first_or_404",    "one_or_404", "paginate", "metadata", "get_engine",
})  # fmt: skip
"""What Flask-SQLAlchemy's object has of its own; all else is SQLAlchemy's."""
OF_MAPPER = frozenset({"relationship", "mapped_column", "Mapped", "backref", "joinedload", "selectinload"})


@lru_cache(maxsize=50_000)
def public(dotted: str) -> str:
    """A library's name as its documentation writes it."""
    known = MOVED.get(dotted)
    if known:
        return known
    head, _, last = dotted.rpartition(".")
    if head == "flask_sqlalchemy.SQLAlchemy" and last not in EXTENDED:
        return public(f"sqlalchemy.{'orm.' if last in OF_MAPPER else ''}{last}")
    return f"{public(head)}.{last}" if head.count(".") else dotted


def result_type(called: str) -> str:
    """The class of what a call gives; empty where nobody knows."""
    known = RESULTS.get(called) or BUILDERS.get(called)
    if known:
        return known
    owner, _, method = called.rpartition(".")
    if owner in FLUENT and method not in ONE and method not in MANY:
        return owner
    return ""


def is_builder(called: str) -> bool:
    """Whether what a call gives should keep how it was made."""
    return called in BUILDERS or called.rpartition(".")[0] in FLUENT


def is_class_name(dotted: str) -> bool:
    """Whether a library's name looks like that of a class: ``stripe.StripeClient``."""
    if dotted in FUNCTIONS:
        return False
    last = dotted.rpartition(".")[2].lstrip("_")
    return last[:1].isupper() and not (last.isupper() and len(last) > 1 and last not in KNOWN_CLASSES)


FUNCTIONS = frozenset(
    f"fastapi.{name}"
    for name in ("Depends", "Security", "Query", "Body", "Path", "Header", "Cookie", "File", "Form")
) | {"pydantic.Field", "sqlmodel.Field", "sqlmodel.Relationship", "strawberry.Private"}
"""Names written like classes that stand for functions."""
KNOWN_CLASSES = frozenset({"SMTP", "IMAP4", "POP3", "FTP", "JWT", "SMTP_SSL", "LMTP"})
