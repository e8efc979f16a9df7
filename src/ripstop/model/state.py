"""What a run leaves behind: committed row changes, external effects, and the schema they live in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One committed row change, from logical decoding.

    ``kind`` is ``insert``, ``update``, ``delete`` or ``truncate``; ``table`` is qualified only
    outside ``public``. ``old`` and ``new`` map column to the text PostgreSQL prints for the
    value, or None for NULL; ``types`` gives each column's type as printed by the server.
    ``transaction`` counts committed transactions with changes, from 1 within one reading.
    ``seam`` says in whose database, empty in a project that has only one.
    """

    kind: str
    table: str
    old: Row | None = None
    new: Row | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    transaction: int = 1
    seam: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that happened in the outside world: a charge, a refund, a mail."""

    seam: str
    kind: str
    key: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UniqueIndex:
    """A unique index or constraint of a table; ``columns`` in index order."""

    name: str
    table: str
    columns: tuple[str, ...]
    schema: str = "public"


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What the live schema demands of one column, in words a fault can break.

    ``type`` is the server's name for it (``integer``, ``character varying``); ``length`` the most
    characters; ``checks`` the text of CHECK constraints that name it; ``references`` the table a
    foreign key leads to, empty for none; ``unique`` where a unique index is on it alone.
    """

    table: str
    column: str
    type: str
    nullable: bool = True
    length: int | None = None
    checks: tuple[str, ...] = ()
    references: str = ""
    unique: bool = False


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One key of a Redis seam that is not as it was: ``kind`` is ``set``, ``changed`` or ``deleted``.

    ``old`` and ``new`` are the value as Python data (str, list, dict by the key's type), None where
    there is none. Expiry is not part of it.
    """

    seam: str
    kind: str
    key: str
    old: Any = None
    new: Any = None


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that stands at one quiescent moment, since the experiment's mark.

    ``keys`` are the net changes of Redis keys, in order of seam and key.
    """

    changes: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()
    keys: tuple[KeyChange, ...] = ()
