"""What libraries call before a handler: functions registered to verify callers, validators of schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ripstop.model.survey import Route
from ripstop.scan.code import Call, Codebase, Shape, Value

_VERIFYING = frozenset({
    "verify_password", "verify_token", "verify_callback", "get_password", "get_user_roles", "user_loader",
    "request_loader", "user_lookup_loader", "token_in_blocklist_loader",
})  # fmt: skip
_VALIDATING = frozenset({"validates", "validates_schema", "pre_load", "post_load"})
_ANSWERING = frozenset({"response", "other_responses", "marshal_with", "output", "responds", "doc"})
"""Decorators whose schemas write answers, and so validate nothing; the project's own may do either."""
_MOST_PARENTS = 20


@dataclass(frozen=True, slots=True)
class CalledBack:
    """``verifying`` are functions by the object they were registered on, and by its library;
    ``validating`` methods by their class.
    """

    code: Codebase
    verifying: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    validating: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def before(self, route: Route) -> Route:
        """The route with what its decorators' libraries call, each behind its decorator."""
        function = self.code.functions.get(route.handler)
        guards = list(route.guards)
        for decorator in function.decorators if function is not None else ():
            called = [one for one in self._of(decorator) if one not in guards]
            at = guards.index(decorator.name) + 1 if decorator.name in guards else len(guards)
            guards[at:at] = dict.fromkeys(called)
        return replace(route, guards=tuple(guards)) if len(guards) > len(route.guards) else route

    def _of(self, decorator: Call) -> Iterator[str]:
        given = [decorator.owner, *(one.value for one in decorator.arguments)]
        named = [name for value in given for name in _objects(value, self.code)]
        on_objects = [one for name in named for one in self.verifying.get(name, ())]
        yield from on_objects or self.verifying.get(decorator.name.partition(".")[0], ())
        writes = decorator.name in self.code.functions or decorator.name.rpartition(".")[2] in _ANSWERING
        if not writes:
            for name in named:
                yield from self._validators(name)

    def _validators(self, name: str) -> Iterator[str]:
        made = self.code.constants.get(name)
        waiting = [made.text if made is not None else name]
        for _ in range(_MOST_PARENTS):
            if not waiting:
                return
            kind = waiting.pop(0)
            yield from self.validating.get(kind, ())
            waiting += self.code.bases.get(kind, ())


def called_back(code: Codebase) -> CalledBack:
    """All functions that a library was told to call."""
    verifying: dict[str, list[str]] = {}
    validating: dict[str, list[str]] = {}
    for name, function in code.functions.items():
        for decorator in function.decorators:
            word = decorator.name.rpartition(".")[2]
            library = decorator.name.partition(".")[0]
            if word in _VERIFYING:
                for key in (decorator.owner.text, library):
                    verifying.setdefault(key, []).append(name)
            elif word in _VALIDATING and library == "marshmallow":
                validating.setdefault(name.rpartition(".")[0], []).append(name)
    return CalledBack(code, _fixed(verifying), _fixed(validating))


def _fixed(found: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(dict.fromkeys(names)) for key, names in found.items() if key and key != "?"}


def _objects(value: Value, code: Codebase) -> Iterator[str]:
    """The project's names in a value: of an object, of its class where made on the spot, of what is in it."""
    if value.shape not in (Shape.NAME, Shape.INSTANCE, Shape.CALL) or not value.text:
        return
    yield value.text
    made = code.constants.get(value.text, value)
    yield from (item.text for key, item in made.items if key.isdigit() and item.shape is Shape.NAME)
