"""Drizzle, Prisma and knex. Their raw statements are `sql`'s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ripstop.model.survey import Reach, Sureness
from ripstop.model.trace import Kind
from ripstop.scan.code import Call, Codebase, Shape, Value
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import before_last, last, root
from ripstop.scan.reaching.roles import UNSAID, Role
from ripstop.scan.reaching.values import positional, symbols, text_of

_DRIZZLE = {"insert": "INSERT", "update": "UPDATE", "delete": "DELETE", "from": "SELECT", "$count": "SELECT"}
_DRIZZLE_QUERIES = frozenset({"findFirst", "findMany"})
_PRISMA: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "findMany"), ("SELECT",)
    ),
    **dict.fromkeys(("count", "aggregate", "groupBy"), ("SELECT",)),
    **dict.fromkeys(("create", "createMany", "createManyAndReturn"), ("INSERT",)),
    **dict.fromkeys(("update", "updateMany", "updateManyAndReturn"), ("UPDATE",)),
    **dict.fromkeys(("delete", "deleteMany"), ("DELETE",)),
    "upsert": ("INSERT",),
}
_KNEX = {
    "insert": "INSERT",
    "batchInsert": "INSERT",
    "update": "UPDATE",
    "increment": "UPDATE",
    "decrement": "UPDATE",
    "del": "DELETE",
    "delete": "DELETE",
    "truncate": "TRUNCATE",
}
_KNEX_READS = frozenset({"select", "first", "pluck", "count", "where"})
_JOINS = frozenset({"innerJoin", "leftJoin", "rightJoin", "fullJoin", "join"})
METHODS = (
    frozenset(_DRIZZLE)
    | _DRIZZLE_QUERIES
    | frozenset(_PRISMA)
    | frozenset(_KNEX)
    | _KNEX_READS
    | _JOINS
    | {"for", "forUpdate", "knex", "table", "into", "values", "set", "returning", "limit"}
)


def role(call: Call, _code: Codebase) -> Role:
    """When what ``reaches`` tells of a call is sent: a SELECT of Drizzle's when its chain is over."""
    word = last(call.name)
    if _is_drizzle(call.name):
        if word in _JOINS or word == "for":
            return Role.AMENDS
        return Role.PREPARED if word == "from" else Role.NOW
    if _is_knex(call.name):
        if word in _JOINS or word == "forUpdate":
            return Role.AMENDS
        return Role.SENDS if word in _KNEX else Role.PREPARED
    return Role.NOW


def knows(call: Call, _code: Codebase) -> bool:
    """Whether a call is one of the libraries that build before they send."""
    return _is_drizzle(call.name) or _is_knex(call.name)


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """The statements of a call of these libraries."""
    if _is_drizzle(call.name):
        yield from _drizzle(call, code)
    elif _is_prisma(call.name):
        yield from _prisma(call, code)
    elif _is_knex(call.name):
        yield from _knex(call, code)


def amended(reach: Reach, call: Call, code: Codebase) -> Reach:
    """A SELECT with what another call of its chain adds: a table, a lock."""
    word = last(call.name)
    locks = word == "forUpdate" or (word == "for" and (text_of(positional(call, 0), code) or "") == "update")
    tables = _tables(call, code) if word in _JOINS else ()
    if locks:
        return replace(reach, operation=f"{reach.operation.removesuffix(' FOR UPDATE')} FOR UPDATE")
    fresh = [one for one in tables if one not in reach.operation.split(" ", 1)[-1].split(", ")]
    if not fresh or reach.kind is not Kind.READ:
        return reach
    return replace(reach, operation=", ".join((reach.operation, *fresh)))


def _drizzle(call: Call, code: Codebase) -> Iterator[Reach]:
    word = last(call.name)
    if word in _DRIZZLE:
        tables = _tables(call, code)
        yield _told(call, code, _DRIZZLE[word], tables[0] if tables else _written(call), "drizzle")
    elif word in _DRIZZLE_QUERIES:
        name = last(before_last(call.name))
        yield _told(call, code, "SELECT", _by_variable(name, code), "drizzle")


def _prisma(call: Call, code: Codebase) -> Iterator[Reach]:
    model = last(before_last(call.name))
    if model in ("prisma", "PrismaClient"):
        return
    for verb in _PRISMA.get(last(call.name), ()):
        yield _told(call, code, verb, _model_table(model, code), "prisma")


def _knex(call: Call, code: Codebase) -> Iterator[Reach]:
    word = last(call.name)
    if word in _KNEX:
        text = text_of(positional(call, 0), code) if word == "batchInsert" else _owner_table(call, code)
        yield _told(call, code, _KNEX[word], text or UNSAID, "knex")
    elif word in ("knex", "table", "from", "into") and (text := text_of(positional(call, 0), code)):
        yield _told(call, code, "SELECT", text, "knex")


def _told(call: Call, code: Codebase, verb: str, table: str, client: str) -> Reach:
    return Reach(
        known(code).dialect,
        f"{verb} {table or UNSAID}",
        Kind.READ if verb == "SELECT" else Kind.WRITE,
        call.place,
        target=table if table != UNSAID else "",
        client=client,
        sureness=call.sureness if table and table != UNSAID else Sureness.GUESS,
    )


def _is_drizzle(name: str) -> bool:
    return root(name).partition("/")[0] in ("drizzle", "drizzle-orm")


def _is_prisma(name: str) -> bool:
    return root(name) in ("prisma", "@prisma/client", "PrismaClient")


def _is_knex(name: str) -> bool:
    return root(name) == "knex"


def _tables(call: Call, code: Codebase) -> tuple[str, ...]:
    found = (known(code).table(name) for given in call.arguments for name in symbols(given.value))
    return tuple(dict.fromkeys(table.name for table in found if table is not None))


def _written(call: Call) -> str:
    """A table that no declaration was found for, by the name of its variable."""
    first = positional(call, 0)
    return last(first.text) if first is not None and first.shape is Shape.NAME else ""


def _by_variable(name: str, code: Codebase) -> str:
    tables = known(code).tables.items()
    return next((table.name for symbol, table in tables if last(symbol) == name), name)


def _model_table(model: str, code: Codebase) -> str:
    """A model's table: as the schema maps it, else by the model's own name (Prisma, Model mapping)."""
    wanted = model.lower()
    tables = known(code).tables.items()
    return next(
        (table.name for symbol, table in tables if last(symbol).lower() == wanted),
        model[:1].upper() + model[1:],
    )


def _owner_table(call: Call, code: Codebase) -> str:
    owner: Value = call.owner
    first = owner.get("0")
    return (text_of(first, code) or "") if owner.shape is Shape.CALL and first is not None else ""
