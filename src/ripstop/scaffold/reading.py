"""The parts of a request that a handler asks for, by its code: fields of the body, of the query, headers.

For handlers whose application tells no schema. A language each lives in `reading_python` and
`reading_javascript`; what they find is the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``kind`` is a JSON type, empty where no check tells; ``choices`` are values it is compared
    with; ``optional``: the code has a default for it. ``inner`` are the fields of a list's items."""

    name: str
    kind: str = ""
    choices: tuple[Any, ...] = ()
    optional: bool = False
    inner: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a handler asks for: ``schema`` of the class it reads the body into, ``form``: it is a form."""

    body: tuple[Field, ...] = ()
    form: bool = False
    query: tuple[Field, ...] = ()
    headers: tuple[str, ...] = ()
    schema: object = None


@dataclass(slots=True)
class Found:
    """What is found while reading; the first that is said of a field counts, checks are added."""

    body: dict[str, Field] = field(default_factory=dict)
    query: dict[str, Field] = field(default_factory=dict)
    headers: list[str] = field(default_factory=list)
    form: bool = False
    schema: object = None

    def add(self, where: dict[str, Field], one: Field) -> None:
        known = where.get(one.name)
        where[one.name] = merged(known, one) if known else one

    def asked(self) -> Asked:
        headers = tuple(dict.fromkeys(self.headers))
        return Asked(tuple(self.body.values()), self.form, tuple(self.query.values()), headers, self.schema)


def merged(known: Field, one: Field) -> Field:
    return replace(
        known,
        kind=known.kind or one.kind,
        choices=known.choices or one.choices,
        optional=known.optional and one.optional,
        inner=known.inner or one.inner,
    )


def named(fields: Iterable[Field], name: str) -> Field | None:
    return next((one for one in fields if one.name == name), None)
