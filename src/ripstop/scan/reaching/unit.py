"""A session's unit of work: objects made and loaded, statements built, writes not yet flushed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ripstop.model.survey import Reach, Sureness
from ripstop.model.trace import Kind
from ripstop.scan.code import Call, Codebase
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import last
from ripstop.scan.reaching.roles import UNSAID

_MAKERS = frozenset({"model_validate", "model_construct", "parse_obj", "from_orm", "construct", "build"})


@dataclass(slots=True)
class Sent:
    """A place in the flow: what was reached there, unless it turned out to be sent elsewhere."""

    reach: Reach
    live: bool = True


@dataclass(slots=True)
class Unit:
    """``made`` and ``loaded`` are tables in the order in which objects of theirs came up."""

    made: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    built: list[Sent] = field(default_factory=list)
    waiting: list[Reach] = field(default_factory=list)
    written: bool = False

    def see(self, call: Call, code: Codebase) -> None:
        """Notice an object of a table being made."""
        name = call.name.rpartition(".")[0] if last(call.name) in _MAKERS else call.name
        if table := known(code).tables.get(name):
            self.made.append(table.name)

    def decided(self, reach: Reach) -> Reach | None:
        """A write with its table, where only its object was named; an UPDATE where that had been loaded.

        None where nothing tells the table.
        """
        if reach.operation.endswith(f" {UNSAID}"):
            table = self._meant(reach)
            if not table:
                return None
            verb = reach.operation.partition(" ")[0]
            reach = replace(
                reach, operation=f"{verb} {table}", target=table, sureness=_weaker(reach.sureness)
            )
        if reach.operation.startswith("INSERT ") and self._is_loaded(reach.target):
            return replace(reach, operation=f"UPDATE {reach.target}")
        return reach

    def _meant(self, reach: Reach) -> str:
        """Which table's object it must be: the last one made for an INSERT, else the last one loaded."""
        first, second = (
            (self.made, self.loaded) if reach.operation.startswith("INSERT") else (self.loaded, self.made)
        )
        return next((tables[-1] for tables in (first, second) if tables), "")

    def _is_loaded(self, table: str) -> bool:
        return table in self.loaded and table not in self.made

    def noted(self, reach: Reach) -> None:
        """Keep in mind what a statement that was sent loaded or wrote."""
        if reach.kind is Kind.READ and reach.target:
            self.loaded.append(reach.target)
        if reach.kind is Kind.WRITE:
            self.written = True
        if reach.kind in (Kind.COMMIT, Kind.ROLLBACK):
            self.written = False

    def taken(self, sent: Reach | None) -> Reach | None:
        """The statement that is sent now: the one told, or the first built. It no longer waits."""
        if sent is not None and UNSAID not in sent.operation:
            for one in self.built:
                one.live = one.live and not _within(one.reach, sent)
            self.built = [one for one in self.built if one.live]
            return sent
        if not self.built:
            return sent
        first = self.built.pop(0)
        first.live = False
        if sent is None:
            return first.reach
        named = sent.operation.replace(UNSAID, first.reach.target or UNSAID)
        return replace(sent, operation=named, target=first.reach.target)

    def unseen_update(self, place: Reach) -> Reach | None:
        """What a commit of nothing visible must have sent: the change of the object loaded last."""
        if self.written or self.waiting or not self.loaded or self.made:
            return None
        table = self.loaded[-1]
        return replace(
            place, operation=f"UPDATE {table}", kind=Kind.WRITE, target=table, sureness=Sureness.GUESS
        )


def _within(built: Reach, sent: Reach) -> bool:
    """Whether a statement built before is the one sent, or a part of it."""
    tables = built.operation.removesuffix(" FOR UPDATE").partition(" ")[2].split(", ")
    whole = sent.operation.removesuffix(" FOR UPDATE").partition(" ")[2].split(", ")
    return built.kind is sent.kind and set(tables) <= {*whole, UNSAID}


def _weaker(sureness: Sureness) -> Sureness:
    return Sureness.LIKELY if sureness is Sureness.CERTAIN else sureness
