"""What a test holds in its hands: ``seams``, with one attribute for each configured seam.

Counts, absences and changes are read only after the service has settled, so that a duplicate
that lands late is seen.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from ripstop.model.fault import FaultSpec
from ripstop.model.http import Reply
from ripstop.model.mail import Mail
from ripstop.model.state import Change, Effect, KeyChange
from ripstop.model.trace import CLOCK
from ripstop.rig.rig import Rig
from ripstop.suite.clock import ClockHandle
from ripstop.suite.holding import Held, holding
from ripstop.suite.inject import Injected, injected, operation_at

T = TypeVar("T")
_POLL_S = 0.005


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of one seam in this test: a sequence, and its size as a number to compare with."""

    found: tuple[Effect, ...]

    def __eq__(self, other: object) -> bool:
        return len(self.found) == other if isinstance(other, int) else self.found == other

    def __hash__(self) -> int:
        return hash(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Any:
        return iter(self.found)

    def __getitem__(self, index: int) -> Effect:
        return self.found[index]

    def __repr__(self) -> str:
        return f"{len(self.found)} effects {list(self.found)!r}"


@dataclass(frozen=True, slots=True)
class _Handle:
    """What every seam offers a test."""

    rig: Rig
    name: str

    def inject(
        self, fault: FaultSpec, *, at: str | None = None, nth: int = 1, tries: int = 1
    ) -> AbstractContextManager[Injected]:
        """Break this seam inside a ``with`` block. ``tries=0`` breaks every try, not only the first."""
        operation = operation_at(self.rig, self.name, at)
        return injected(self.rig, self.name, fault, at=operation, nth=nth, tries=tries)

    def hold(self, at: str, *, nth: int = 1) -> AbstractContextManager[Held]:
        """Hold one request at its ``nth`` crossing of ``at`` inside a ``with`` block, for another to go past.

        ``held.post(...)`` sends it; the next request through ``service`` is the other.
        """
        return holding(self.rig, self.name, at, nth)

    def settle(self) -> None:
        """Wait until the service rests. Raises AssertionError naming what still goes on."""
        if left := self.rig.settle():
            raise AssertionError(f"the service did not come to rest: {'; '.join(left)}")

    def eventually(self, what: Callable[[], T], *, within_s: float = 5.0) -> T:
        """Call ``what`` until it gives something true and raises no AssertionError; that value.

        While exploring, a fault that happened shortens the wait to what the work usually takes, times four.
        """
        began = time.monotonic()
        while True:
            try:
                if value := what():
                    return value
                problem = f"still {value!r}"
            except AssertionError as error:
                problem = str(error)
            if time.monotonic() >= began + self.rig.patience_s(within_s):
                raise AssertionError(f"not within {within_s:g} s: {problem}")
            time.sleep(_POLL_S)


@dataclass(frozen=True, slots=True)
class DatabaseHandle(_Handle):
    """A postgres seam: what the service committed, and what stands in its tables."""

    @property
    def changes(self) -> list[Change]:
        """Row changes committed since the test's own call began, in commit order."""
        self.rig.settle()
        return list(self.rig.changes(self.name))

    def row(self, table: str, **where: Any) -> dict[str, Any]:
        """The one row that matches. Raises LookupError, with what is there, for none or several."""
        self.rig.settle()
        return self.rig.databases[self.name].row(table, **where)

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """All rows that match, in no order."""
        self.rig.settle()
        return self.rig.databases[self.name].rows(table, **where)

    def insert(self, table: str, **values: Any) -> dict[str, Any]:
        """Put in a row that the test needs; the row as it stands, keys and defaults filled in.

        In a fixture it is no change of the service's; it goes with the test like every other row.
        """
        return self.rig.insert(self.name, table, values)


@dataclass(frozen=True, slots=True)
class DoubleHandle(_Handle):
    """An http seam: what happened in the outside world, and what it is to answer."""

    def effects(self, kind: str | None = None) -> Effects:
        """Effects since the test's own call began, of one kind or of all."""
        self.rig.settle()
        return Effects(tuple(e for e in self.rig.effects(self.name) if kind in (None, e.kind)))

    def replies(self, route: str, reply: Reply) -> AbstractContextManager[Any]:
        """Answer a route with this reply inside a ``with`` block."""
        return self.rig.parts.doubles[self.name].replies(route, reply)

    @property
    def url(self) -> str:
        """The base URL at which the double answers, for what a person does at a provider's own page."""
        return self.rig.parts.stands[self.name].proxied()["url"]

    @property
    def refusals(self) -> Sequence[Any]:
        """Calls that matched no route or not its declared shape."""
        return self.rig.parts.doubles[self.name].refusals


@dataclass(frozen=True, slots=True)
class KeysHandle(_Handle):
    """A redis seam: the keys the service left."""

    @property
    def changes(self) -> list[KeyChange]:
        """Keys that are not as they were when the test's own call began, in order of key."""
        self.rig.settle()
        return list(self.rig.keys(self.name))

    def get(self, key: str, *, database: int = 0) -> Any:
        """A key's value as str, list or dict by its type; None where there is none."""
        self.rig.settle()
        return self.rig.parts.keyspaces[self.name].value(key, database=database)

    def keys(self, *, database: int = 0) -> tuple[str, ...]:
        """The names of all keys, sorted."""
        self.rig.settle()
        return self.rig.parts.keyspaces[self.name].keys(database=database)


@dataclass(frozen=True, slots=True)
class MailHandle(_Handle):
    """An smtp seam: the mails that reached the mail server."""

    @property
    def sent(self) -> tuple[Mail, ...]:
        """Mails since the test's own call began, oldest first: recipients, subject, text, links."""
        self.rig.settle()
        mails = self.rig.parts.mailboxes[self.name].sent
        return mails[len(mails) - len(self.rig.effects(self.name)) :]

    def effects(self, kind: str | None = None) -> Effects:
        """The same mails as effects, to be counted."""
        self.rig.settle()
        return Effects(tuple(e for e in self.rig.effects(self.name) if kind in (None, e.kind)))


class Seams:
    """``seams.NAME`` for each seam of the configuration."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def __getattr__(self, name: str) -> Any:
        if name in self._rig.databases:
            return DatabaseHandle(self._rig, name)
        if name in self._rig.parts.doubles:
            return DoubleHandle(self._rig, name)
        if name in self._rig.parts.keyspaces:
            return KeysHandle(self._rig, name)
        if name in self._rig.parts.mailboxes:
            return MailHandle(self._rig, name)
        if name in self._rig.parts.seams and self._rig.protocol(name) == CLOCK:
            return ClockHandle(self._rig, name)
        known = sorted(self._rig.parts.seams)
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
        raise AttributeError(f"no seam {name!r} is configured{hint}")
