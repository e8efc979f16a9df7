"""ErrorResponse and NoticeResponse: their fields, read, rewritten and built (PostgreSQL 18, 54.8)."""

from __future__ import annotations

from collections.abc import Mapping

from ripstop.wire.postgres.messages import HEADER, message, text

Fields = dict[str, str]
"""One-letter field types to their text, in the order in which the server sent them."""


def read_fields(body: bytes) -> Fields:
    """The fields of a body. A body cut short gives the fields that came whole."""
    parts = body.split(b"\0")[:-1]
    return {part[:1].decode("latin-1"): part[1:].decode(errors="replace") for part in parts if part}


def sqlstate(body: bytes) -> str:
    """The SQLSTATE of a body, ``?????`` where it has none."""
    start = 0 if body[:1] == b"C" else body.find(b"\0C") + 1
    if not start and body[:1] != b"C":
        return "?????"
    return body[start + 1 : start + 6].decode("latin-1")


def error_response(fields: Mapping[str, str]) -> bytes:
    """An ErrorResponse of these fields, in their order."""
    body = b"".join(key.encode() + text(value) for key, value in fields.items())
    return message(b"E", body + b"\0")


def rewritten(whole: bytes, changes: Mapping[str, str | None]) -> bytes:
    """An ErrorResponse with some fields replaced or, for None, dropped. FATAL ones stay as they are.

    The order of fields is the server's own (elog.c): a field that was absent goes where the
    server would have put it.
    """
    fields = read_fields(whole[HEADER:])
    if not changes or fields.get("V", fields.get("S")) != "ERROR":
        return whole
    wanted: dict[str, str | None] = {**fields, **changes}
    ordered = sorted(wanted, key=lambda key: _ORDER.find(key) if key in _ORDER else len(_ORDER))
    return error_response({key: value for key in ordered if (value := wanted[key]) is not None})


def fatal(code: str, text_: str) -> bytes:
    """The FATAL with which a server ends or refuses a session, from the place that really says it."""
    file, routine = _PLACES.get(code, ("postgres.c", "ProcessInterrupts"))
    return error_response(
        {"S": "FATAL", "V": "FATAL", "C": code, "M": text_, "F": file, "L": "1", "R": routine}
    )


_PLACES = {"53300": ("proc.c", "InitProcess")}
_ORDER = "SVCMDHWstcdnPpqFLR"
