"""Acting on an import when it happens: modules to change once loaded, modules to keep out."""

from __future__ import annotations

import contextlib
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_changes: dict[str, Callable[[ModuleType], None]] = {}
_kept_out: dict[str, Callable[[str], None]] = {}


def watch(name: str, change: Callable[[ModuleType], None]) -> None:
    """Have a module changed right after it is loaded, or now where it is."""
    _changes[name] = change
    if name in sys.modules:
        change(sys.modules[name])


def keep_out(name: str, told: Callable[[str], None]) -> None:
    """Let importing a module fail as if it were not installed."""
    _kept_out[name] = told


def install() -> None:
    sys.meta_path.insert(0, _Finder())


class _Finder:
    """Finds nothing itself: it asks the finders after it and changes what they found."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in _kept_out and name not in _changes:
            return None
        spec = self._found(name, path, target)
        if spec is None:
            return None
        if name in _kept_out:
            _kept_out[name](name)
            raise ModuleNotFoundError(
                f"No module named {name!r} (ripstop keeps it out of the service: it resolves host names "
                "itself, so that calls to other services could not be intercepted)",
                name=name,
            )
        _on_load(spec.loader, _changes[name])
        return spec

    def _found(self, name: str, path: Any, target: Any) -> ModuleSpec | None:
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                return spec
        return None


def _on_load(loader: Any, change: Callable[[ModuleType], None]) -> None:
    """Loaders are made anew for each module, so that the change stays with this one."""
    load = loader.exec_module

    def load_and_change(module: ModuleType) -> None:
        load(module)
        del loader.exec_module
        with contextlib.suppress(Exception):
            change(module)

    loader.exec_module = load_and_change
