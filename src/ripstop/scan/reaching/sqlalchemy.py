"""SQLAlchemy's constructs and sessions, and SQLModel's. Text given to them is `sql`'s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ripstop.model.survey import Reach, Sureness
from ripstop.model.trace import Kind
from ripstop.scan.code import UNKNOWN, Call, Codebase, Shape, Value
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import before_last, last, root
from ripstop.scan.reaching.roles import UNSAID, Role
from ripstop.scan.reaching.sql import is_sql
from ripstop.scan.reaching.values import OWNER, chain, symbols, text_of

_LIBRARIES = frozenset({"sqlalchemy", "sqlmodel", "flask_sqlalchemy", "sqlalchemy_utils", "advanced_alchemy"})
_INNER_LIMIT = 8
_CONSTRUCTS = {"select": "SELECT", "insert": "INSERT", "update": "UPDATE", "delete": "DELETE"}
_AMENDING = frozenset(
    {"select_from", "join", "outerjoin", "join_from", "with_for_update", "with_lockmode", "where", "filter"}
)
_SENDING = frozenset({"execute", "exec", "scalar", "scalars", "stream", "stream_scalars"})
_ENDING = frozenset(
    {"first", "all", "one", "one_or_none", "scalar", "count", "get", "get_or_404", "first_or_404", "paginate"}
    | {"one_or_404", "update", "delete", "iterate", "exists"}
)
_ADDING = frozenset({"add", "add_all", "bulk_save_objects", "bulk_insert_mappings"})
_MARKS = {"commit": Kind.COMMIT, "rollback": Kind.ROLLBACK}
_READING = frozenset({"get", "get_one", "refresh", "merge"})
_FLUSHING = frozenset({"flush", *_MARKS})
METHODS = (
    frozenset(_CONSTRUCTS)
    | _AMENDING
    | _SENDING
    | _ENDING
    | _ADDING
    | _READING
    | _FLUSHING
    | {"query", "filter_by", "__setattr__"}
)
_NO_SESSIONS = frozenset(
    {"Select", "Result", "ScalarResult", "MappingResult", "Insert", "Update", "Delete", "Row"}
)
_SESSIONS = frozenset(
    {
        "session",
        "db",
        "db_session",
        "async_session",
        "sess",
        "dbsession",
        "conn",
        "connection",
        "_session",
        "uow",
    }
)


def role(call: Call, code: Codebase) -> Role:
    """When what ``reaches`` tells of a call is sent."""
    word = last(call.name)
    if _of_query(call.name):
        return Role.SENDS if word in _ENDING else Role.AMENDS
    if word in ("query", "filter", "filter_by", "where") or _is_construct(call, code):
        return Role.PREPARED
    if word in _AMENDING:
        return Role.AMENDS
    if word in _SENDING and not _text(call, code):
        return Role.SENDS
    if word in _ADDING or word in ("delete", "__setattr__"):
        return Role.DEFERRED
    return Role.FLUSHES if word in _FLUSHING else Role.NOW


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """The statement a call builds or sends; its table is ``?`` where the call alone does not tell."""
    word = last(call.name)
    if _of_query(call.name):
        if word in _ENDING:
            yield _reach(call, code, {"update": "UPDATE", "delete": "DELETE"}.get(word, "SELECT"), Value())
    elif word == "__setattr__":
        yield from _changed(call, code)
    elif _is_construct(call, code):
        yield _reach(call, code, _CONSTRUCTS[word], *_given(call))
    elif _is_session(call, code):
        yield from _of_session(call, code, word)


def amended(reach: Reach, call: Call, code: Codebase) -> Reach:
    """A statement with what another call of its chain adds: a table, a lock."""
    return _amended(reach, last(call.name), _given(call), code)


def _amended(reach: Reach, word: str, given: tuple[Value, ...], code: Codebase) -> Reach:
    if word in ("with_for_update", "with_lockmode"):
        return replace(reach, operation=f"{reach.operation.removesuffix(' FOR UPDATE')} FOR UPDATE")
    tables = [one for one in _tables(code, *given) if one not in _listed(reach)]
    if not tables or word not in _AMENDING or reach.kind is not Kind.READ:
        return reach
    listed = ", ".join((*_listed(reach), *tables))
    return replace(reach, operation=f"SELECT {listed}", target=reach.target or tables[0])


def _listed(reach: Reach) -> tuple[str, ...]:
    names = reach.operation.removeprefix("SELECT ").removesuffix(" FOR UPDATE")
    return tuple(one for one in names.split(", ") if one != UNSAID)


def _of_session(call: Call, code: Codebase, word: str) -> Iterator[Reach]:
    if word in _MARKS:
        yield _reach(call, code, _MARKS[word].upper(), Value(), kind=_MARKS[word])
    elif word in _READING:
        yield _reach(call, code, "SELECT", *_given(call)[:1])
        if word == "merge":
            yield _reach(call, code, "UPDATE", *_given(call)[:1])
    elif word in _ADDING:
        yield from (_reach(call, code, "INSERT", one) for one in _added(call))
    elif word == "delete":
        yield from _deleted(call, code)
    elif word == "query":
        yield _reach(call, code, "SELECT", *_given(call))
    elif word in _SENDING and not _text(call, code):
        yield from _sent(call, code)


def _changed(call: Call, code: Codebase) -> Iterator[Reach]:
    """An attribute of a row's object was given a value; other libraries' objects are saved by a call."""
    kind = before_last(call.name)
    if kind in known(code).tables and not any(one.startswith("django.") for one in code.bases.get(kind, ())):
        yield _reach(call, code, "UPDATE", Value(Shape.INSTANCE, kind))


def _sent(call: Call, code: Codebase) -> Iterator[Reach]:
    """A statement whose building can be seen, from its first call on."""
    given = _given(call)[:1]
    built = chain(known(code).resolve(given[0])) if given else ()
    if len(built) > 1 and built[0].shape is not Shape.CALL:
        built = built[1:]  # what ``User.select()`` was called on: an item of that call as well
    verb = _CONSTRUCTS.get(last(built[0].text)) if built and built[0].shape is Shape.CALL else None
    if verb is None:
        return
    reach = _reach(call, code, verb, built[0], *_inner(built))
    for step in built[1:]:
        reach = _amended(
            reach, last(step.text), tuple(item for name, item in step.items if name != OWNER), code
        )
    yield reach


def _inner(built: tuple[Value, ...]) -> tuple[Value, ...]:
    """The statements inside a statement: what its conditions select from."""
    waiting = [item for step in built[1:] for name, item in step.items if name != OWNER]
    found: list[Value] = []
    while waiting and len(found) < _INNER_LIMIT:
        one = waiting.pop()
        if one.shape is Shape.CALL and last(one.text) in _CONSTRUCTS:
            found.append(one)
        waiting += [item for _, item in one.items]
    return tuple(found)


def _deleted(call: Call, code: Codebase) -> Iterator[Reach]:
    """An object's row, once what hangs on it was loaded (SQLAlchemy, Cascades, delete)."""
    given = _given(call)[:1]
    reach = _reach(call, code, "DELETE", *given)
    for symbol in symbols(given[0])[:1] if given else ():
        for table in known(code).collections.get(symbol, ()):
            yield replace(reach, operation=f"SELECT {table}", kind=Kind.READ, target=table)
    yield reach


def _added(call: Call) -> tuple[Value, ...]:
    given = _given(call)[:1]
    listed = [item for value in given if value.shape is Shape.LIST for _, item in value.items]
    return tuple({symbols(one)[:1]: one for one in listed}.values()) or given


def _given(call: Call) -> tuple[Value, ...]:
    return tuple(argument.value for argument in call.arguments if argument.name not in ("*", "**"))


def _reach(call: Call, code: Codebase, verb: str, *values: Value, kind: Kind | None = None) -> Reach:
    owners = (*chain(call.owner), Value(Shape.NAME, before_last(call.name)))
    tables = _tables(code, *values) or _tables(code, *owners)
    write = verb in ("INSERT", "UPDATE", "DELETE")
    shown = ", ".join(tables[:1] if write else tables) or UNSAID
    return Reach(
        known(code).dialect,
        verb if kind else f"{verb} {shown}",
        kind or (Kind.WRITE if write else Kind.READ),
        call.place,
        target=tables[0] if tables else "",
        client="sqlmodel" if root(call.name) == "sqlmodel" else "sqlalchemy",
        sureness=call.sureness if root(call.name) in _LIBRARIES else Sureness.LIKELY,
        in_transaction=True,
    )


def _tables(code: Codebase, *values: Value) -> tuple[str, ...]:
    """The tables that values name, each once; a column names its table."""
    named = (symbol for value in values for symbol in _joined(value, code))
    found = map(known(code).table, named)
    return tuple(dict.fromkeys(table.name for table in found if table is not None))


def _joined(value: Value, code: Codebase) -> Iterator[str]:
    """The names in a value; of a relationship that goes through a table between, that table's as well."""
    for symbol in symbols(value):
        yield symbol
        between = code.constants.get(symbol, Value()).get("secondary")
        if between is not None:
            yield between.text


def _text(call: Call, code: Codebase) -> bool:
    text = text_of(call.argument("statement", 0), code)
    return text is not None and is_sql(text)


def _of_query(name: str) -> bool:
    """A call on what ``session.query`` gave, or on a model's own ``query``."""
    before = name.split(".")[:-1]
    return "query" in before or (before[-1:] == ["Query"] and before[0] in _LIBRARIES)


def _is_construct(call: Call, code: Codebase) -> bool:
    word, before = last(call.name), before_last(call.name)
    if word not in _CONSTRUCTS:
        return False
    if root(call.name) in _LIBRARIES:
        return before == "sqlalchemy.Table" or not any(part[:1].isupper() for part in before.split("."))
    table = known(code).tables.get(before)
    return table is not None and table.place.path.endswith(".py") and not last(before)[:1].isupper()


def _is_session(call: Call, code: Codebase) -> bool:
    if root(call.name) in _LIBRARIES:
        return last(before_last(call.name)) not in _NO_SESSIONS
    if root(call.name) != UNKNOWN:
        return False
    if last(call.name) in ("add", "add_all", "delete", "refresh", "get", "merge", "query"):
        return bool(_tables(code, *_given(call)))
    owner = last(call.owner.text).lower()
    return owner in _SESSIONS or owner.endswith("session")


def knows(call: Call, code: Codebase) -> bool:
    """Whether a call is one of these libraries'."""
    if last(call.name) == "__setattr__":
        return before_last(call.name) in known(code).tables
    return root(call.name) in _LIBRARIES or _is_construct(call, code) or _is_session(call, code)
