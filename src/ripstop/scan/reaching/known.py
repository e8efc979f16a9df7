"""What a codebase declares, looked up by name: tables by their class, constants, how clients were made.

Built once for a codebase and kept for as long as it is the one being asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ripstop.scan.code import Call, Codebase, Shape, Table, Value
from ripstop.scan.reaching.names import last, root

SQL = frozenset({"postgres", "mysql", "sqlite"})
"""The protocols of databases with transactions."""
_DEPTH_LIMIT = 8
_CLIENTS = frozenset(
    {
        *("httpx.Client", "httpx.AsyncClient", "requests.Session", "aiohttp.ClientSession", "axios.create"),
        *("urllib3.PoolManager", "got.extend", "ky.create", "stripe.StripeClient", "stripe.Stripe"),
    }
)
_ENGINES = frozenset({"create_engine", "create_async_engine", "createPool", "drizzle", "Database"})
_DIALECTS = {
    **dict.fromkeys(("sqlite", "sqlite+aiosqlite", "sqlite+pysqlite", "file"), "sqlite"),
    **dict.fromkeys(("mysql", "mysql+pymysql", "mysql+aiomysql", "mysql+asyncmy", "mariadb"), "mysql"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """``tables`` by symbol, ``named`` the dotted constants by their last word, ``clients`` the calls that
    made a library's client, by its class, ``methods`` functions by their last word. ``collections`` are the
    tables whose rows hang on an object, by its class: they are loaded before it is deleted. ``dialect`` is
    the protocol of the project's own database. ``inner`` are the functions defined in one, by its name.
    """

    code: Codebase
    tables: dict[str, Table] = field(default_factory=dict)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    clients: dict[str, tuple[Call, ...]] = field(default_factory=dict)
    methods: dict[str, tuple[str, ...]] = field(default_factory=dict)
    collections: dict[str, tuple[str, ...]] = field(default_factory=dict)
    dialect: str = "postgres"
    inner: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _meant: dict[str, Value | None] = field(default_factory=dict)

    def wrappers(self, name: str) -> tuple[str, ...]:
        """The innermost functions defined in a function: of a decorator, what runs in a handler's place."""
        found: list[str] = []
        waiting = list(self.inner.get(name, ()))
        while waiting:
            one = waiting.pop(0)
            below = self.inner.get(one, ())
            waiting += below
            found += [] if below or "<lambda" in one else [one]
        return tuple(found)

    def table(self, symbol: str) -> Table | None:
        """The table a name stands for: its class, an instance's class, or a column or manager of it."""
        for _ in range(_DEPTH_LIMIT):
            if found := self.tables.get(symbol):
                return found
            symbol = symbol.rpartition(".")[0]
            if not symbol:
                break
        return None

    def constant(self, name: str) -> Value | None:
        """A constant by its dotted name, or by its last words where only one is meant."""
        if found := self.code.constants.get(name):
            return found
        if name not in self._meant:
            candidates = [one for one in self.named.get(last(name), ()) if one.endswith(f".{name}")]
            values = {self.code.constants[one] for one in candidates}
            self._meant[name] = values.pop() if len(values) == 1 else None
        return self._meant[name]

    def aliased(self, call: Call) -> Call:
        """A call on something the project named, by the library's name of what that is."""
        if (
            call.target
            or call.owner.shape is not Shape.NAME
            or call.name != f"{call.owner.text}.{last(call.name)}"
        ):
            return call
        made = self.code.constants.get(call.owner.text)
        if made is None or made.shape not in (Shape.CALL, Shape.INSTANCE) or made.text in self.tables:
            return call
        return replace(call, name=f"{made.text}.{last(call.name)}", owner=made)

    def resolve(self, value: Value) -> Value:
        """A name followed to the constant it stands for; anything else as it is."""
        for _ in range(_DEPTH_LIMIT):
            found = self.constant(value.text) if value.shape is Shape.NAME else None
            if found is None or found == value:
                break
            value = found
        return value


@lru_cache(maxsize=2)
def known(code: Codebase) -> Known:
    """What is declared in a codebase."""
    clients: dict[str, list[Call]] = {}
    dialects: list[str] = []
    for call in inside(call for function in code.functions.values() for call in function.calls):
        if call.name in _CLIENTS:
            clients.setdefault(call.name, []).append(call)
        elif last(call.name) in _ENGINES:
            dialects += [_dialect(argument.value, code) for argument in call.arguments]
    dialects += [_dialect(value, code) for name, value in code.constants.items() if _tells(name)]
    tables = {table.symbol: table for table in code.tables.values()}
    return Known(
        code,
        tables,
        _by_last(code.constants),
        {name: tuple(calls) for name, calls in clients.items()},
        _by_last(code.functions),
        _collections(code, tables),
        next((found for found in dialects if found), "postgres"),
        _inner(code),
    )


def _inner(code: Codebase) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name in code.functions:
        if (around := name.rpartition(".")[0]) in code.functions:
            found.setdefault(around, []).append(name)
    return {name: tuple(names) for name, names in found.items()}


def inside(calls: Iterable[Call]) -> Iterator[Call]:
    """Calls and those in their blocks, in no particular order."""
    waiting = list(calls)
    while waiting:
        call = waiting.pop()
        yield call
        waiting += call.block


def _by_last(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(last(name), []).append(name)
    return {word: tuple(ones) for word, ones in found.items()}


def _collections(code: Codebase, tables: dict[str, Table]) -> dict[str, tuple[str, ...]]:
    """The tables that classes declare lists of, or relationships to, where these refer back to them."""
    found: dict[str, list[str]] = {}
    for name, value in code.constants.items():
        owner = tables.get(name.rpartition(".")[0])
        other = _related(value, tables) if owner is not None else None
        if owner is not None and other is not None and _refers(other, owner):
            found.setdefault(owner.symbol, []).append(other.name)
    return {symbol: tuple(dict.fromkeys(names)) for symbol, names in found.items()}


def _related(value: Value, tables: dict[str, Table]) -> Table | None:
    first = value.items[0][1] if value.items else Value()
    if value.shape is Shape.LIST:
        return tables.get(first.text)
    if last(value.text).lower() != "relationship":
        return None
    return next((table for symbol, table in tables.items() if last(symbol) == last(first.text)), None)


def _refers(table: Table, to: Table) -> bool:
    return any(column.references.rpartition(".")[0] == to.name for column in table.columns)


def _tells(name: str) -> bool:
    return last(name) in ("DATABASES", "DATABASE_URL", "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_DATABASE_URL")


def _dialect(value: Value, code: Codebase, depth: int = 0) -> str:
    """``sqlite`` or ``mysql`` where a value says so; empty for anything else."""
    if value.shape is Shape.TEXT:
        if value.text.startswith("django.db.backends."):
            return _DIALECTS.get(last(value.text), "")
        return _DIALECTS.get(value.text.partition(":")[0].lower(), "") if ":" in value.text else ""
    if value.shape is Shape.NAME and value.text in code.constants and depth < _DEPTH_LIMIT:
        return _dialect(code.constants[value.text], code, depth + 1)
    if depth < _DEPTH_LIMIT:
        return next(filter(None, (_dialect(item, code, depth + 1) for _, item in value.items)), "")
    return ""


_DRIVERS = {
    **dict.fromkeys(("sqlite3", "aiosqlite", "better-sqlite3", "sqlite", "@libsql/client"), "sqlite"),
    **dict.fromkeys(("pymysql", "MySQLdb", "mysql", "mysql2", "aiomysql", "asyncmy", "mariadb"), "mysql"),
    **dict.fromkeys(
        ("psycopg", "psycopg2", "psycopg_pool", "asyncpg", "pg8000", "aiopg", "pg", "postgres"), "postgres"
    ),
    **dict.fromkeys(("@neondatabase/serverless", "@vercel/postgres", "pg-promise", "slonik"), "postgres"),
}


def driver(name: str) -> str:
    """The protocol of a database's own driver, empty where the name is of none."""
    return _DRIVERS.get(root(name).partition("/")[0], _DRIVERS.get(root(name), ""))
