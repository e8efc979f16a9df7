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
    """

    kind: str
    table: str
    old: Row | None = None
    new: Row | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    transaction: int = 1


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
class Observation:
    """Everything that stands at one quiescent moment, since the experiment's mark."""

    changes: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()
