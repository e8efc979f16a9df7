"""Reaches and routes as code would give them, in few words."""

from __future__ import annotations

from typing import Any

from ripstop.model.survey import Hazard, Place, Reach, Route, Sureness
from ripstop.model.trace import Kind
from ripstop.scan.code import Codebase, Column, Function, Table
from ripstop.scan.hazards.subject import Subject

HANDLER = Place("app.py", 1, "app.place")


def at(line: int) -> Place:
    return Place("app.py", line)


def charge(line: int = 10, **known: Any) -> Reach:
    """An external effect."""
    given = {"target": "pay.example", "client": "requests", "effect": True, **known}
    return Reach("http", "POST /v1/charges", Kind.CALL, at(line), **given)


def fetch(line: int = 10, **known: Any) -> Reach:
    """An external call that changes nothing."""
    return Reach("http", "GET /v1/rates", Kind.CALL, at(line), target="rates.example", **known)


def write(line: int, table: str = "notes", **known: Any) -> Reach:
    return Reach("postgres", f"INSERT {table}", Kind.WRITE, at(line), target=table, **known)


def select(line: int, table: str = "notes", **known: Any) -> Reach:
    return Reach("postgres", f"SELECT {table}", Kind.READ, at(line), target=table, **known)


def begin(line: int) -> Reach:
    return Reach("postgres", "BEGIN", Kind.BEGIN, at(line))


def commit(line: int) -> Reach:
    return Reach("postgres", "COMMIT", Kind.COMMIT, at(line), in_transaction=True)


def subject(*reaches: Reach, path: str = "/things", method: str = "POST", **known: Any) -> Subject:
    return Subject(Route(method, path, "app.place", HANDLER, "fastapi"), reaches, **known)


def table(name: str, *columns: str) -> Codebase:
    """Code that declares one table."""
    declared = Table(name, f"app.{name}", at(1), tuple(Column(one) for one in columns))
    return Codebase(tables={name: declared})


def function(**known: Any) -> Function:
    return Function("app.place", HANDLER, 50, **known)


def told(hazards: Any) -> list[tuple[int, Sureness]]:
    """Lines and sureness of hazards."""
    found: list[Hazard] = list(hazards)
    return [(one.place.line, one.sureness) for one in found]
