"""Which of a project's functions can reach anything at all, so that the rest need not be walked."""

from __future__ import annotations

from functools import lru_cache

from ripstop.scan.code import UNKNOWN, Call, Codebase
from ripstop.scan.reaching import sql
from ripstop.scan.reaching.families import planner, reaches
from ripstop.scan.reaching.known import inside, known
from ripstop.scan.reaching.names import before_last, last, root

_COMMON = frozenset(
    {
        *("append", "extend", "items", "values", "update", "get", "pop", "join", "split", "format", "strip"),
        *("copy", "close", "open", "read", "write", "send", "run", "start", "stop", "call", "apply", "json"),
        *("encode", "decode", "replace", "remove", "insert", "index", "count", "sort", "lower", "upper"),
        *("commit", "rollback", "execute", "fetch", "save", "delete", "create", "find", "filter", "first"),
        *("map", "then", "catch", "push", "slice", "reduce", "find", "log", "error", "warn", "info", "debug"),
        *("next", "emit", "test", "match", "keys", "status", "validate", "parse", "render", "handle", "init"),
    }
)


def target_of(call: Call, code: Codebase) -> str:
    """The project's function a call goes to; of an unknown object, the only method of that name."""
    if call.target or root(call.name) != UNKNOWN:
        return call.target
    word = last(call.name)
    if word in _COMMON or len(word) < 4:
        return ""
    found = [one for one in known(code).methods.get(word, ()) if _is_method(one)]
    return found[0] if len(found) == 1 else ""


@lru_cache(maxsize=2)
def fertile(code: Codebase) -> frozenset[str]:
    """The qualified names of functions that reach something, or call one that does."""
    callers: dict[str, set[str]] = {}
    waiting: list[str] = []
    for name, function in code.functions.items():
        tells = False
        for call in inside((*function.calls, *function.decorators)):
            tells = tells or _tells(call, code)
            if target := target_of(call, code):
                callers.setdefault(target, set()).add(name)
        if tells:
            waiting.append(name)
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += callers.get(name, ())
    return frozenset(found)


def _tells(call: Call, code: Codebase) -> bool:
    """Whether a call reaches something, or makes what will be written. Too deep a value tells nothing."""
    try:
        return _reaches(call, code)
    except RecursionError:
        return False


def _reaches(call: Call, code: Codebase) -> bool:
    tables = known(code).tables
    if not {call.name, before_last(call.name), call.owner.text}.isdisjoint(tables):
        return True
    if root(call.name) == UNKNOWN and last(call.name) in sql.METHODS and call.arguments:
        return True
    return planner(call, code) is not None or next(reaches(call, code), None) is not None


def _is_method(name: str) -> bool:
    return last(before_last(name))[:1].isupper()
