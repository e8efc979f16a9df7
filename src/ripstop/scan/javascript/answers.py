"""Answers that are no success: which call tells a status of 400 or more, in any of the frameworks' ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from ripstop.scan.code import Argument, Shape, Value

_SETTING = frozenset({"status", "code", "sendStatus", "writeHead", "throw"})
_BODY_FIRST = frozenset({"json", "text", "html", "body", "newResponse"})
_FIXED = {
    "notFound": "404",
    "badRequest": "400",
    "unauthorized": "401",
    "forbidden": "403",
    "conflict": "409",
}
_WORDS = _SETTING | _BODY_FIRST | frozenset(_FIXED) | {"Response"}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def status_of(name: str, arguments: Sequence[Argument]) -> str | None:
    """The status of 400 or more that a call answers with; None for any other call."""
    last = name.rpartition(".")[2]
    if last not in _WORDS:
        return None
    values = [argument.value for argument in arguments]
    if last in _SETTING and values:
        return failing(values[0])
    if last in _BODY_FIRST and len(values) > 1:
        return failing(values[1]) or next(_in_options(values[1]), None)
    if last == "Response" or name.endswith("Response.json"):
        return next(_in_options(values[1]), None) if len(values) > 1 else None
    if last in _FIXED and name.startswith(("hono.", "fastify.", "?.")) and not name.endswith("res.notFound"):
        return _FIXED[last]
    return None


def failing(value: Value) -> str | None:
    """A status as its number, from a literal or a constant's name, where it is 400 or more."""
    if value.shape is Shape.NUMBER:
        found = value.text
    elif value.shape in (Shape.NAME, Shape.INSTANCE):
        word = _CAMEL.sub("_", value.text.rpartition(".")[2]).upper().removeprefix("HTTP_STATUS_")
        member = HTTPStatus.__members__.get(word)
        found = str(member.value) if member is not None else ""
    else:
        return None
    return found if len(found) == 3 and found[0] in "45" else None


def _in_options(value: Value) -> Iterator[str]:
    if value.shape is Shape.MAPPING and (status := value.get("status")) is not None:
        found = failing(status)
        if found is not None:
            yield found
