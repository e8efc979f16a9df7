"""A function's parameters bound to what its caller gave, and its calls read again with that."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ripstop.scan.code import Argument, Call, Codebase, Function, Shape, Value
from ripstop.scan.reaching.http import METHODS as HTTP_METHODS
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import last
from ripstop.scan.reaching.sql import METHODS as SQL_METHODS
from ripstop.scan.reaching.sql import is_sql
from ripstop.scan.reaching.values import is_unknown

_TOLD = frozenset(
    {Shape.TEXT, Shape.NAME, Shape.INSTANCE, Shape.CALL, Shape.SETTING, Shape.MAPPING, Shape.LIST}
)
_HOLE = re.compile(r"\{(\w+)\}")
_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_DEPTH_LIMIT = 4


@dataclass(frozen=True, slots=True)
class Given:
    """What a function was given, as far as that tells anything: by the names of its parameters, and by their
    places after the function's own name, as JavaScript's parameters are told.
    """

    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def statement(self) -> Value | None:
        """The only argument that is a statement; None where there is none, or more than one."""
        return self._only(lambda text: is_sql(text, strict=True))

    @property
    def verb(self) -> Value | None:
        """The only argument that is an HTTP method."""
        return self._only(lambda text: text.upper() in _VERBS)

    @property
    def address(self) -> Value | None:
        """The only argument that is an address, or a path."""
        return self._only(lambda text: text.startswith(("http://", "https://", "/", "{")))

    def _only(self, fits: Callable[[str], bool]) -> Value | None:
        texts = {value for value in self.values.values() if value.shape is Shape.TEXT}
        found = [value for value in texts if fits(value.text)]
        return found[0] if len(found) == 1 else None


def bound(function: Function, call: Call, outer: Given) -> Given:
    """A call's arguments by the parameters of the function it goes to, in one given ``outer``."""
    names = [parameter.name for parameter in function.parameters]
    if names[:1] in (["self"], ["cls"]):
        names = names[1:]
    positional = [given.value for given in call.arguments if not given.name]
    found = dict(zip(names, positional, strict=False))
    found |= {given.name: given.value for given in call.arguments if given.name in names}
    found |= {f"{function.name}.{at}": value for at, value in enumerate(positional)}
    kept = {name: value for name, value in found.items() if value.shape in _TOLD}
    return Given({**outer.values, **kept})


def made_with(call: Call, code: Codebase) -> Given:
    """What the object that a method is called on was made with, by its constructor's parameters."""
    owner = known(code).resolve(call.owner)
    constructor = code.functions.get(f"{owner.text}.__init__") if owner.shape is Shape.INSTANCE else None
    if constructor is None or not owner.items:
        return Given()
    arguments = tuple(Argument(value, "" if name.isdigit() else name) for name, value in owner.items)
    return bound(constructor, Call(owner.text, call.place, arguments), Given())


def filled(call: Call, given: Given) -> Call:
    """A call as its function's caller makes it: names of parameters replaced by what they were given."""
    if not given.values or not call.arguments:
        return call
    arguments = [replace(one, value=_filled(one.value, given)) for one in call.arguments]
    if call.target == "":
        arguments = _meant(call, arguments, given)
    return replace(call, arguments=tuple(arguments)) if tuple(arguments) != call.arguments else call


def _filled(value: Value, given: Given, depth: int = 0) -> Value:
    if value.shape is Shape.UNKNOWN and value.text:
        return given.values.get(value.text, value)
    if value.shape is Shape.TEXT and "{" in value.text:
        return replace(value, text=_HOLE.sub(lambda hole: _text(hole, given), value.text))
    if value.items and depth < _DEPTH_LIMIT:
        items = tuple((name, _filled(item, given, depth + 1)) for name, item in value.items)
        return replace(value, items=items) if items != value.items else value
    return value


def _text(hole: re.Match[str], given: Given) -> str:
    value = given.values.get(hole[1])
    if value is None:
        return hole[0]
    if value.shape is Shape.SETTING:
        return f"{{{value.text}}}"
    return value.text if value.shape is Shape.TEXT else hole[0]


def _meant(call: Call, arguments: list[Argument], given: Given) -> list[Argument]:
    """Arguments that nothing is known of, replaced by the only one of the caller's that fits there."""
    word = last(call.name)
    if word in SQL_METHODS and is_unknown(arguments[0].value) and given.statement:
        return [replace(arguments[0], value=given.statement), *arguments[1:]]
    if word in HTTP_METHODS:
        return _as_request(word, arguments, given)
    return arguments


def _as_request(word: str, arguments: list[Argument], given: Given) -> list[Argument]:
    """The method and the address of a request, where the function's caller says them."""
    found = list(arguments)
    takes_method = word in ("request", "stream")
    for at, one in enumerate(found):
        if not is_unknown(one.value) or at > 1:
            continue
        is_method = one.name == "method" or (not one.name and takes_method and at == 0)
        is_address = one.name == "url" or (not one.name and at == (1 if takes_method else 0))
        value = given.verb if is_method else given.address if is_address else None
        if value is not None:
            found[at] = replace(one, value=value)
    return found
