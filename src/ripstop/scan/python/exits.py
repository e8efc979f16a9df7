"""Ways out of a function that are no success: what is caught, answered with an error status, raised."""

from __future__ import annotations

import ast
import re
from http import HTTPStatus

from ripstop.model.survey import Exit
from ripstop.scan.code import Shape, Value
from ripstop.scan.python.frames import Frame

CODES = {
    "HttpResponseBadRequest": 400,
    "HttpResponseForbidden": 403,
    "HttpResponseNotFound": 404,
    "HttpResponseNotAllowed": 405,
    "HttpResponseGone": 410,
    "HttpResponseServerError": 500,
    "Http404": 404,
    "NotFound": 404,
    "PermissionDenied": 403,
    "BadRequest": 400,
    "Unauthorized": 401,
    "Forbidden": 403,
    "Conflict": 409,
    "NotAuthenticated": 401,
    "AuthenticationFailed": 401,
    "NotAuthorizedException": 401,
    "NotFoundException": 404,
    "ClientException": 400,
    "PermissionDeniedException": 403,
}
"""The status of exceptions and answers that are named after it."""
_CODE_NAME = re.compile(r"HTTP_(\d{3})")
_NAMED = ("status_code", "status", "code")
_ANSWERING = re.compile(
    r"(Response|jsonify|make_response|json_response|render|Template\w*|abort|http_error)$"
)


def answer(value: Value, node: ast.stmt, frame: Frame) -> None:
    """Note an answer with an error status that a function returns."""
    status = answered(value)
    if status >= 400:
        frame.exits.append(Exit("answer", str(status), frame.place(node)))


def answered(value: Value) -> int:
    """The status a returned value answers with; 0 where it states none."""
    if value.shape is Shape.LIST:
        return next((code for name, item in value.items if name != "0" and (code := _code(item))), 0)
    last = value.text.rpartition(".")[2]
    if value.shape in (Shape.INSTANCE, Shape.CALL) and (_ANSWERING.search(value.text) or last in CODES):
        return stated(value) or CODES.get(last, 0)
    return 0


def stated(value: Value) -> int:
    """The status among the arguments of what was made; 0 where there is none."""
    for name in _NAMED:
        code = _code(value.get(name) or Value())
        if code:
            return code
    return next((code for name, item in value.items if name in ("0", "1", "2") and (code := _code(item))), 0)


def _code(value: Value) -> int:
    if value.shape is Shape.NUMBER and value.text.isdigit() and 100 <= int(value.text) <= 599:
        return int(value.text)
    if value.shape is Shape.NAME:
        found = _CODE_NAME.search(value.text)
        if found:
            return int(found[1])
        last = value.text.removesuffix(".value").rpartition(".")
        if last[0].endswith("HTTPStatus") and last[2] in HTTPStatus.__members__:
            return int(HTTPStatus[last[2]])
    return 0


def raised(value: Value, node: ast.Raise, frame: Frame) -> None:
    """Note an exception that is raised, with the status it states."""
    name = value.text if value.shape in (Shape.INSTANCE, Shape.NAME, Shape.CALL) else ""
    if not name and node.exc is None:
        return
    status = stated(value) or CODES.get(name.rpartition(".")[2], 0)
    what = f"{name or 'an exception'} {status}" if status else name or "an exception"
    frame.exits.append(Exit("raise", what, frame.place(node)))


def aborted(name: str, value: Value, node: ast.stmt, frame: Frame) -> None:
    """Note a call that ends the request with a status, as ``flask.abort(404)``."""
    if name.rpartition(".")[2] in ("abort", "http_error") and (status := stated(value)):
        frame.exits.append(Exit("raise", f"{name} {status}", frame.place(node)))


def caught(names: tuple[str, ...], node: ast.ExceptHandler, frame: Frame, before: int) -> None:
    """Note an ``except`` clause, with the status answered in it: the exits from ``before`` on are its own."""
    inside = frame.exits[before:]
    status = next((one.what for one in inside if one.kind == "answer"), "")
    if not status:
        raising = (one.what.rpartition(" ")[2] for one in inside if one.kind == "raise")
        status = next((last for last in raising if last.isdigit()), "")
    what = ", ".join(names) + (f" -> {status}" if status else "")
    frame.exits.insert(before, Exit("except", what, frame.place(node)))
