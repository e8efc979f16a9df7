"""A first test before it is text: what it prepares and what it sends, and what a try of it showed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ripstop.model.state import Change, ColumnRule, Effect

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A value out of an earlier step's answer, or of the row it put in: ``Given("user", ("id",))``."""

    step: str
    path: Path


@dataclass(frozen=True, slots=True)
class Fresh:
    """A value that is new in each run, a UUID as text."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Texts and values made one: ``Bearer `` and a token."""

    parts: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be put in. Values are plain, or ``Given``."""

    name: str
    table: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A row that an earlier request of the preparation left, looked up by its values."""

    name: str
    table: str
    where: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Send:
    """A request. ``path`` has ``{name}`` where ``params`` has a value; ``json`` is None for no body."""

    name: str
    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, Any] | None = None


Step = Row | Found | Send


@dataclass(frozen=True, slots=True)
class Draft:
    """``arrange`` goes before the call, in order; ``act`` is the workflow itself."""

    act: Send
    arrange: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one try showed. ``broken`` says which step of the preparation failed, empty for none.

    ``status`` is None where no answer came; ``body`` is the JSON of the answer, ``text`` its beginning.
    ``arranged`` holds what each step of the preparation gave, by its name; ``heard`` the requests that
    reached each double, as (operation, body); ``log`` the service's last lines. ``late``: what it left came
    some while after the answer.
    """

    status: int | None = None
    body: Any = None
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    broken: str = ""
    arranged: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()
    refusals: tuple[str, ...] = ()
    kept_from: tuple[str, ...] = ()
    heard: Mapping[str, tuple[tuple[str, Any], ...]] = field(default_factory=dict)
    log: tuple[str, ...] = ()
    late: bool = False

    @property
    def good(self) -> bool:
        """The request was answered as one that worked, and nobody was called who is not there."""
        worked = self.status is not None and 200 <= self.status < 400
        return worked and not self.broken and not self.refusals and not self.kept_from


Try = Callable[[Draft], Seen]
"""Sends a draft on fresh state, and looks. Raises what the service's start raises."""
Columns = Callable[[], tuple[ColumnRule, ...]]
"""What the live schema demands of each column."""
