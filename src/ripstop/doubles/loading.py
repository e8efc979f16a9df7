"""Finding a double by the name a configuration gives it, such as ``tests.doubles:payments``."""

from __future__ import annotations

import difflib
import importlib
import sys
from pathlib import Path

from ripstop.doubles.double import Double
from ripstop.errors import UsageError


def load(spec: str, root: Path) -> Double:
    """The double ``module:attribute`` names: a Double, or a function without arguments that makes one.

    Modules are looked for under ``root`` first. Raises UsageError: ``double-spec`` for another
    form, ``double-module``, ``double-attribute`` or ``double-type`` where it leads to no double.
    """
    module_name, separator, attribute = spec.partition(":")
    if not (separator and module_name and attribute):
        raise UsageError(
            "double-spec",
            f"{spec!r} does not name a double",
            way_out="write module:attribute, such as tests.doubles:payments",
        )
    found = _attribute(_module(module_name, root, spec), attribute, spec)
    double = found() if callable(found) and not isinstance(found, Double) else found
    if not isinstance(double, Double):
        raise UsageError(
            "double-type",
            f"{spec} is {type(double).__name__}, not a Double",
            way_out="name a ripstop Double, or a function without arguments that returns one",
        )
    double.seal()
    return double


def _module(name: str, root: Path, spec: str) -> object:
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except Exception as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name and name.startswith(error.name)
        what = f"the module {name!r} was not found" if missing else f"the module {name!r} failed: {error!r}"
        raise UsageError(
            "double-module",
            f"{what}, loading the double {spec}",
            details=[f"looked under {root}"],
            way_out="name the module as it is imported from the project's root",
        ) from error


def _attribute(module: object, name: str, spec: str) -> object:
    found: object = getattr(module, name, None)
    if found is not None:
        return found
    doubles = [key for key, value in vars(module).items() if isinstance(value, Double)]
    close = difflib.get_close_matches(name, vars(module), n=1)
    raise UsageError(
        "double-attribute",
        f"{spec} leads nowhere: the module has no {name!r}",
        details=[f"its doubles: {', '.join(doubles)}"] if doubles else (),
        way_out=f"did you mean {close[0]!r}?" if close else "name one of the module's doubles",
    )
