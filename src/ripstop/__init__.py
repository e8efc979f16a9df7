"""Ripstop: breaks every seam of a service at the wire and judges by what cannot lie.

The public door. What a test or a double needs is found here, loaded when first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ripstop import faults
    from ripstop.doubles.double import Double
    from ripstop.model.http import Reply, Request
    from ripstop.model.state import Change, Effect
    from ripstop.rig.caller import NoAnswer
    from ripstop.suite.inject import NotFired

__all__ = ["Change", "Double", "Effect", "NoAnswer", "NotFired", "Reply", "Request", "faults"]

_HOMES = {
    "Change": "ripstop.model.state",
    "Double": "ripstop.doubles.double",
    "Effect": "ripstop.model.state",
    "NoAnswer": "ripstop.rig.caller",
    "NotFired": "ripstop.suite.inject",
    "Reply": "ripstop.model.http",
    "Request": "ripstop.model.http",
}


def __getattr__(name: str) -> Any:
    if name == "faults":
        return importlib.import_module("ripstop.faults")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'ripstop' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
