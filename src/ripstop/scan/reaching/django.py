"""Django's object-relational mapper. Its cache is `redis`'s, its mail `mail`'s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ripstop.model.survey import Reach
from ripstop.model.trace import Kind
from ripstop.scan.code import Call, Codebase, Table, Value
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import before_last, last, root
from ripstop.scan.reaching.roles import UNSAID, Role
from ripstop.scan.reaching.values import symbols

_LAZY = frozenset(
    {
        *("all", "filter", "exclude", "order_by", "select_related", "prefetch_related", "annotate", "values"),
        *("values_list", "distinct", "only", "defer", "reverse", "using", "select_for_update", "none"),
    }
)
_SENT = {
    **dict.fromkeys(("get", "aget", "first", "afirst", "last", "alast", "exists", "aexists"), ("SELECT",)),
    **dict.fromkeys(("count", "acount", "aggregate", "aaggregate", "in_bulk", "ain_bulk"), ("SELECT",)),
    **dict.fromkeys(("latest", "alatest", "earliest", "iterator", "aiterator"), ("SELECT",)),
    **dict.fromkeys(("create", "acreate", "bulk_create", "abulk_create"), ("INSERT",)),
    **dict.fromkeys(("update", "aupdate", "bulk_update", "abulk_update"), ("UPDATE",)),
    **dict.fromkeys(("delete", "adelete"), ("DELETE",)),
    **dict.fromkeys(("get_or_create", "aget_or_create"), ("SELECT", "INSERT")),
    **dict.fromkeys(("update_or_create", "aupdate_or_create"), ("SELECT FOR UPDATE", "UPDATE", "INSERT")),
}
_INSTANCE = {
    **dict.fromkeys(("save", "asave"), "INSERT"),
    **dict.fromkeys(("delete", "adelete"), "DELETE"),
    **dict.fromkeys(("refresh_from_db", "arefresh_from_db"), "SELECT"),
}
_SHORTCUTS = frozenset({"get_object_or_404", "aget_object_or_404", "get_list_or_404", "aget_list_or_404"})
_MANAGERS = frozenset({"objects", "_default_manager"})
_MANAGING = ("QuerySet", "Manager", "_set")
METHODS = _LAZY | frozenset(_SENT) | frozenset(_INSTANCE) | _SHORTCUTS


def role(call: Call, _code: Codebase) -> Role:
    """When what ``reaches`` tells of a call is sent: a query set when it is gone through, or ended."""
    word = last(call.name)
    if word in ("save", "asave") or not _managed(call.name):
        return Role.SAVES if word in ("save", "asave") else Role.NOW
    if word == "select_for_update" and not _starts(call.name):
        return Role.AMENDS
    if word in _LAZY:
        return Role.PREPARED if _starts(call.name) else Role.AMENDS
    return Role.NOW if _starts(call.name) else Role.SENDS


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """The statements of a manager's, a query set's or an instance's method."""
    word = last(call.name)
    if word in _SHORTCUTS:
        yield from _told(call, "SELECT", _of(call.arguments[0].value, code) if call.arguments else None, code)
    elif word in ("save", "asave") and last(before_last(call.name)) == "QuerySet":
        yield from _told(call, "INSERT", None, code)
    elif _managed(call.name):
        table = known(code).table(call.name) or _of(call.owner, code)
        for verb in ("SELECT",) if word in _LAZY else _SENT.get(word, ()):
            yield from _told(call, verb, table, code)
    elif word in _INSTANCE and (table := _of_instance(call, code)):
        yield from _told(call, _INSTANCE[word], table, code)


def amended(reach: Reach, call: Call, _code: Codebase) -> Reach:
    """A query set with what another call of its chain adds: a lock."""
    if last(call.name) != "select_for_update" or reach.operation.endswith(" FOR UPDATE"):
        return reach
    return replace(reach, operation=f"{reach.operation} FOR UPDATE")


def _told(call: Call, verb: str, table: Table | None, code: Codebase) -> Iterator[Reach]:
    name = table.name if table else UNSAID
    verb, lock, _ = verb.partition(" FOR UPDATE")
    lock = lock or (" FOR UPDATE" if last(call.name) == "select_for_update" else "")
    yield Reach(
        known(code).dialect,
        f"{verb} {name}{lock}",
        Kind.READ if verb == "SELECT" else Kind.WRITE,
        call.place,
        target=table.name if table else "",
        client="django",
        sureness=call.sureness,
    )


def _managed(name: str) -> bool:
    """A method of a manager or of a query set."""
    parts = name.split(".")[:-1]
    return any(part in _MANAGERS or part.endswith(_MANAGING) for part in parts)


def _starts(name: str) -> bool:
    """The first method of its chain: ``Order.objects.filter``."""
    before = last(before_last(name))
    return before in ("objects", "_default_manager") or before.endswith(("Manager", "_set"))


def _of_instance(call: Call, code: Codebase) -> Table | None:
    """The table of the object a method is called on, where that is Django's own method."""
    if (found := known(code).tables.get(before_last(call.name))) is not None:
        return found
    return _of(call.owner, code) if root(call.name) == "django" else None


def _of(value: Value, code: Codebase) -> Table | None:
    return next(filter(None, (known(code).table(symbol) for symbol in symbols(value))), None)


def knows(call: Call, _code: Codebase) -> bool:
    """Whether a call is one of a manager, a query set, or an object that is saved."""
    return _managed(call.name) or last(call.name) in ("save", "asave")
