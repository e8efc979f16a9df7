"""What a filled recipe is made of. Data only; whoever knows the repository puts it together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ripstop.config import Config
from ripstop.model.state import ColumnRule, UniqueIndex
from ripstop.model.survey import Ranked, Reach
from ripstop.model.trace import Kind

_KEYED = re.compile(r"idempot|dedup|request_?id|external_?id|client_?ref")


@dataclass(frozen=True, slots=True)
class Told:
    """One failure that was let happen, or could not be, and what came of it; as records tell it."""

    seam: str
    operation: str
    fault: str
    mark: str
    note: str = ""
    reason: str = ""
    replay: str = ""
    after: tuple[str, ...] = ()
    tested: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """What the tables demand, and who says so; without any, ``origin`` is why not.

    Only of a ``live`` one is what it does not demand known: code may leave much to a database.
    """

    origin: str
    columns: tuple[ColumnRule, ...] = ()
    indexes: tuple[UniqueIndex, ...] = ()
    live: bool = True

    def of(self, table: str) -> tuple[ColumnRule, ...]:
        return tuple(one for one in self.columns if one.table == table)

    def together(self, table: str) -> tuple[UniqueIndex, ...]:
        """Unique indexes over several columns."""
        return tuple(one for one in self.indexes if one.table == table and len(one.columns) > 1)

    def unguarded_keys(self, table: str) -> tuple[str, ...]:
        """Columns that look like a key of a repeated request and that nothing keeps unique."""
        if not self.live:
            return ()
        guarded = {name for one in self.indexes if one.table == table for name in one.columns}
        mine = (one for one in self.of(table) if _KEYED.search(one.column) and not one.unique)
        return tuple(one.column for one in mine if one.column not in guarded)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one route.

    ``crossed`` gives the seam of a (protocol, operation) that a run was seen to cross, ``usual`` what it does
    when nothing is broken, ``fixtures`` the project's own with the file each is in.
    """

    workflow: Ranked
    schema: Schema
    config: Config | None = None
    crossed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    told: tuple[Told, ...] = ()
    usual: tuple[str, ...] = ()
    key: str = ""
    fixtures: tuple[tuple[str, str], ...] = ()

    def seam(self, reach: Reach) -> str:
        """The seam that a crossing goes through: as seen, as configured, or empty for not known."""
        return self.crossed.get((reach.protocol, reach.operation)) or self._configured(reach)

    def _configured(self, reach: Reach) -> str:
        if self.config is None:
            return ""
        setting = self.config.service.env.get(reach.target.removeprefix("$"), "")
        fits = [one for one in self.config.seams.values() if one.protocol == reach.protocol]
        named = [one.name for one in fits if f"seams.{one.name}." in setting or reach.target in one.hosts]
        return next(iter(named), fits[0].name if len(fits) == 1 else "")

    @property
    def reaches(self) -> tuple[Reach, ...]:
        return self.workflow.reaches

    @property
    def writes(self) -> tuple[Reach, ...]:
        return tuple(one for one in self.reaches if one.kind is Kind.WRITE and one.protocol == "postgres")

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables it writes, in order."""
        return tuple(dict.fromkeys(one.target for one in self.writes if one.target))

    @property
    def outside(self) -> tuple[Reach, ...]:
        """What it depends on besides its own database, each crossing once."""
        found = {(one.protocol, one.operation): one for one in self.reaches if one.protocol != "postgres"}
        return tuple(found.values())

    def before_a_write(self) -> Iterator[tuple[Reach, Reach]]:
        """Each effect outside with the first write that comes after it."""
        for number, one in enumerate(self.reaches):
            later = (after for after in self.reaches[number + 1 :] if after in self.writes)
            if one.effect and (write := next(later, None)) is not None:
                yield one, write

    def torn(self, *operations: str) -> tuple[Told, ...]:
        """What tore at these crossings, at any where none is named; each rule and fault once."""
        found = {
            (one.seam, one.operation, one.fault, one.note): one
            for one in self.told
            if one.mark == "torn" and (not operations or one.operation in operations)
        }
        return tuple(found.values())
