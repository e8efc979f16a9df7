"""What judges tests, as it was before any of the project's code could run, and whether it still is.

That is every function, class and module that pytest, pluggy and unittest refer to by name, every function
that a plugin hooks in, and who calls those. Told by identity and by code; no plugin or function is named.
What an installed plugin puts in another's place while it is configured counts as configuration.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import pluggy

_FAMILIES = ("_pytest", "pluggy", "unittest", "ripstop.suite.witness", "ripstop.suite.judges")

IsProduct = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Part:
    """What a module or class (its ``names``) has at one ``name``; ``bearer`` has its code, None without."""

    names: Mapping[str, object]
    name: str
    label: str
    value: object
    bearer: Any
    code: CodeType | None

    @property
    def is_changed(self) -> bool:
        if self.names.get(self.name) is not self.value:
            return True
        return self.bearer is not None and self.bearer.__code__ is not self.code


class Judges:
    """Taken when it is made; ``changed`` names what has been found to be another since."""

    def __init__(self, manager: pluggy.PluginManager, is_product: IsProduct) -> None:
        self.changed: set[str] = set()
        self._manager = manager
        self._is_product = is_product
        self._parts = list(_parts())
        self._caller = manager._inner_hookexec
        self._hooked: dict[pluggy.HookImpl, tuple[str, object, CodeType | None]] = {}

    def settle(self) -> None:
        """Every plugin is configured: what is new and installed is theirs. From now on nothing may change."""
        new = {one.label for one in self._parts if one.is_changed and not self._is_installed(_now(one))}
        self.changed |= new
        self._parts = list(_parts())
        self._caller = self._manager._inner_hookexec
        self._hooked = {one: (name, one.function, _code(one.function)) for name, one in self._hooks()}

    def look(self) -> None:
        """Hold everything against what it was."""
        self.changed |= {one.label for one in self._parts if one.is_changed}
        if self._manager._inner_hookexec is not self._caller:
            self.changed.add("pluggy.PluginManager._inner_hookexec")
        if self._hooked:
            self.changed |= set(self._rehooked())

    def _rehooked(self) -> Iterator[str]:
        now = {one: name for name, one in self._hooks()}
        for one, (name, function, code) in self._hooked.items():
            gone = one not in now and _is_pytest(one)
            if gone or one.function is not function or _code(function) is not code:
                yield f"{one.plugin_name}:{name}"
        for one in now.keys() - self._hooked.keys():
            if not self._is_installed(one.function):
                yield f"{one.plugin_name}:{now[one]}"

    def _hooks(self) -> Iterator[tuple[str, pluggy.HookImpl]]:
        for name, caller in vars(self._manager.hook).items():
            for one in caller.get_hookimpls():
                yield name, one

    def _is_installed(self, value: object) -> bool:
        """Whether a function is a file's, and that file none of the project's own code."""
        code = _code(value)
        return (
            code is not None
            and Path(code.co_filename).is_absolute()
            and not self._is_product(code.co_filename)
        )


def _parts() -> Iterator[_Part]:
    for module in list(sys.modules.values()):
        if not isinstance(module, ModuleType) or not _is_family(module.__name__):
            continue
        for name, value in list(vars(module).items()):
            label = f"{module.__name__}.{name}"
            if isinstance(value, ModuleType) or _is_family(getattr(value, "__module__", None)):
                yield _part(vars(module), name, label)
            if isinstance(value, type) and value.__module__ == module.__name__:
                for inner, member in list(vars(value).items()):
                    if _code(member) is not None:
                        yield _part(vars(value), inner, f"{label}.{inner}")


def _part(names: Mapping[str, object], name: str, label: str) -> _Part:
    value = names[name]
    code = _code(value)
    return _Part(names, name, label, value, _bearer(value) if code else None, code)


def _is_family(name: object) -> bool:
    return isinstance(name, str) and any(name == one or name.startswith(f"{one}.") for one in _FAMILIES)


def _is_pytest(one: pluggy.HookImpl) -> bool:
    return str(getattr(one.function, "__module__", "")).startswith("_pytest.")


def _now(part: _Part) -> object:
    return part.names.get(part.name)


def _bearer(value: object) -> object:
    """The function within a method, a class method, a static method or a property."""
    if isinstance(value, classmethod | staticmethod | MethodType):
        return value.__func__
    return value.fget if isinstance(value, property) else value


def _code(value: object) -> CodeType | None:
    bearer = _bearer(value)
    return bearer.__code__ if isinstance(bearer, FunctionType) else None
