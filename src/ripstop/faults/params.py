"""Parameters of faults: from a dataclass's fields to a FaultSpec and back, checked, with units in names."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, field, fields
from typing import Any, Protocol, get_args, get_type_hints, runtime_checkable

from ripstop.errors import UsageError
from ripstop.model.fault import Facts, Fault, FaultSpec, Param


@runtime_checkable
class Informed(Protocol):
    """A fault that is more real when it knows what its seam knows."""

    def informed(self, facts: Facts) -> Fault: ...


def learned() -> Any:
    """A field that comes from a seam's facts: no parameter, not shown, not compared."""
    return field(default=None, kw_only=True, compare=False, repr=False, metadata={"learned": True})


def spec_of(fault: Any) -> FaultSpec:
    """The spec of a fault: its name and those parameters that are set."""
    given = {f.name: getattr(fault, f.name) for f in parameters(type(fault))}
    return FaultSpec.of(fault.name, **{name: value for name, value in given.items() if value is not None})


def parameters(fault: type[Any]) -> tuple[Field[Any], ...]:
    return tuple(f for f in fields(fault) if not f.metadata.get("learned"))


def checked(fault: type[Any], params: Mapping[str, Param]) -> None:
    """Raises UsageError (``fault-params``) that names what is unknown, missing or of a wrong type."""
    hints = _hints(fault)
    known = {f.name: f for f in parameters(fault)}
    wrong = [f"{name}: unknown" for name in params if name not in known]
    wrong += [f"{f.name}: missing" for f in known.values() if f.default is MISSING and f.name not in params]
    wrong += [
        f"{name}: wants {_shown(hints[name])}, got {value!r}"
        for name, value in params.items()
        if name in known and not _fits(value, hints[name])
    ]
    if wrong:
        raise bad_params(
            fault.name, wrong, known=[f"{f.name}: {_shown(hints[f.name])}" for f in known.values()]
        )


def _hints(fault: type[Any]) -> Mapping[str, Any]:
    """Read once: they are compiled from text each time, and every experiment builds its faults anew."""
    if fault not in _HINTS:
        _HINTS[fault] = get_type_hints(fault)
    return _HINTS[fault]


_HINTS: dict[type[Any], Mapping[str, Any]] = {}
"""By kind of fault."""


def bad_params(name: str, wrong: list[str], *, known: list[str] | None = None) -> UsageError:
    shown = f"parameters of {name}: {', '.join(known)}" if known else f"see `ripstop explain {name}`"
    return UsageError("fault-params", f"{name} cannot be built", details=wrong, way_out=shown)


def require(holds: bool, name: str, complaint: str) -> None:
    """Raises UsageError (``fault-params``) with the complaint unless the condition holds."""
    if not holds:
        raise bad_params(name, [complaint])


def _fits(value: Param, hint: Any) -> bool:
    kinds = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return type(value) in kinds


def _shown(hint: Any) -> str:
    kinds = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return " or ".join(kind.__name__ for kind in kinds if kind is not type(None))
