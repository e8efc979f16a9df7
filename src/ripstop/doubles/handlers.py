"""Handlers of a double: the user's functions, checked when declared and called with what they ask for."""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from ripstop.doubles.routes import Route
from ripstop.errors import RipstopError, UsageError
from ripstop.model.http import Reply, Request

_PARAM = re.compile(r"\{(\w+)\}")


def wanted_names(handler: Callable[..., Reply], path: str) -> frozenset[str]:
    """The path parameters a handler asks for by name. Raises UsageError ``double-handler``."""
    shown = f"{getattr(handler, '__name__', handler)}"
    if inspect.iscoroutinefunction(handler):
        raise UsageError("double-handler", f"{shown} is a coroutine function", way_out="write a plain def")
    offered = frozenset(_PARAM.findall(path))
    parameters = list(inspect.signature(handler).parameters.values())
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return offered
    asked = {p.name: p.default is not p.empty for p in parameters[1:]}
    unknown = [name for name, optional in asked.items() if name not in offered and not optional]
    if not parameters or unknown:
        raise UsageError(
            "double-handler",
            f"{shown} cannot answer {path}",
            details=[f"it asks for {name}, which is no parameter of the path" for name in unknown],
            way_out="a handler takes the request first, then any of the path's parameters by name",
        )
    return frozenset(asked) & offered


def call(double: str, route: Route, request: Request, params: Mapping[str, str]) -> Reply:
    """The handler's reply. Raises RipstopError ``double-raised`` for whatever goes wrong in it."""
    try:
        reply = route.handler(request, **{name: params[name] for name in route.names})
    except Exception as error:
        raise _defect(double, route, f"raised {error!r} in {_place(error)}") from error
    if not isinstance(reply, Reply):
        code = inspect.unwrap(route.handler).__code__
        place = f"{_short(code.co_filename)}:{code.co_firstlineno}"
        raise _defect(double, route, f"returned {reply!r} and not a Reply from {code.co_name} at {place}")
    return reply


def _defect(double: str, route: Route, what: str) -> RipstopError:
    return RipstopError(
        "double-raised",
        f"the double {double!r} {what}, answering {route.pattern}",
        way_out="mend the double: what the service did with this answer says nothing about the service",
    )


def _place(error: Exception) -> str:
    """Function, file and line of the innermost frame that is the user's own."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    own = [f for f in frames if "site-packages" not in f.filename and "/lib/python" not in f.filename]
    frame = (own or frames or traceback.extract_tb(error.__traceback__))[-1]
    return f"{frame.name} at {_short(frame.filename)}:{frame.lineno}"


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else filename
