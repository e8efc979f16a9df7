"""Finding a double by the name a configuration gives it: a built-in's, a file's, or a person's own."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ripstop.doubles.double import Double
from ripstop.errors import UsageError

BUILT_IN: Mapping[str, str] = {
    "stripe": "ripstop.doubles.stripe.double",
    "sendgrid": "ripstop.doubles.sendgrid",
    "twilio": "ripstop.doubles.twilio",
}
"""Doubles that come with Ripstop, each made by its module's ``make(context)``."""
OF_FILE: Mapping[str, str] = {
    "openapi": "ripstop.doubles.openapi.double",
    "cassette": "ripstop.doubles.cassette.double",
    "upstream": "ripstop.doubles.upstream",
    "s3": "ripstop.doubles.storage",
}
"""Doubles made of something else, by its module's ``make(what, context)``; ``what`` follows the colon."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a seam's configuration gives its double.

    ``name`` is the seam's, ``root`` where files are looked for. ``webhook`` is the service's path for
    the provider's events, None where it wants none; ``webhook_secret`` what they are signed with.
    """

    root: Path
    name: str
    webhook: str | None = None
    webhook_secret: str | None = None


def load(
    spec: str,
    root: Path,
    *,
    name: str | None = None,
    webhook: str | None = None,
    webhook_secret: str | None = None,
) -> Double:
    """The double a specification names, sealed.

    ``stripe`` and its kin by name; ``s3`` or ``s3:BUCKET,BUCKET``; ``openapi:FILE`` and ``cassette:FILE``,
    looked for under ``root``; ``module:attribute`` for a Double, or a function without arguments that makes
    one. ``name`` is the seam's. Raises UsageError: ``double-name`` for an unknown name, ``double-spec`` for
    another form, ``double-module``, ``double-attribute`` or ``double-type`` where it leads to no double.
    """
    kind, separator, rest = spec.partition(":")
    context = Context(root, name or kind, webhook, webhook_secret)
    if not separator and kind in BUILT_IN:
        double = _maker(BUILT_IN[kind])(context)
    elif kind == "s3" or (separator and rest and kind in OF_FILE):
        double = _maker(OF_FILE[kind])(rest, context)
    elif separator and kind and rest:
        double = _own(kind, rest, root, spec)
    else:
        raise _nameless(spec)
    double.seal()
    return double


def _maker(module: str) -> Callable[..., Double]:
    make: Callable[..., Double] = importlib.import_module(module).make
    return make


def _nameless(spec: str) -> UsageError:
    if ":" in spec or "." in spec:
        return UsageError(
            "double-spec",
            f"{spec!r} does not name a double",
            way_out="write module:attribute, such as tests.doubles:payments",
        )
    known = [*BUILT_IN, "s3", "openapi:FILE", "cassette:FILE"]
    near = difflib.get_close_matches(
        spec.lower(), [name.partition(":")[0] for name in known], n=1, cutoff=0.5
    )
    form = next((name for name in known if near and name.startswith(near[0])), "")
    return UsageError(
        "double-name",
        f"no double {spec!r} comes with Ripstop{f'; did you mean {form!r}?' if form else ''}",
        details=[f"known: {', '.join([*known, 'module:attribute'])}"],
        way_out="your own is named module:attribute, such as tests.doubles:payments",
    )


def _own(module_name: str, attribute: str, root: Path, spec: str) -> Double:
    found: Any = _attribute(_module(module_name, root, spec), attribute, spec)
    double = found() if callable(found) and not isinstance(found, Double) else found
    if not isinstance(double, Double):
        raise UsageError(
            "double-type",
            f"{spec} is {type(double).__name__}, not a Double",
            way_out="name a ripstop Double, or a function without arguments that returns one",
        )
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
