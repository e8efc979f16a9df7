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
    """``made`` and ``loaded`` are tables in the order in which objects of theirs came up.

    ``hint`` is the table that the object whose method is being walked was made for.
    """

    made: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    built: list[Sent] = field(default_factory=list)
    waiting: list[Reach] = field(default_factory=list)
    hint: str = ""

    def see(self, call: Call, code: Codebase) -> None:
        """Notice an object of a table being made."""
        names = (
            (call.name.rpartition(".")[0], call.owner.text) if last(call.name) in _MAKERS else (call.name,)
        )
        for table in filter(None, map(known(code).tables.get, names)):
            self.made.append(table.name)
        if self.hint and last(call.name) == "model":
            self.made.append(self.hint)

    def decided(self, reach: Reach) -> Reach | None:
        """A statement with its table, where only an object was named; None where nothing tells the table."""
        if reach.operation.endswith(f" {UNSAID}"):
            table = self._meant(reach)
            if not table:
                return None
            verb = reach.operation.partition(" ")[0]
            reach = replace(
                reach, operation=f"{verb} {table}", target=table, sureness=_weaker(reach.sureness)
            )
        return reach

    def saved(self, reach: Reach) -> Reach | None:
        """The write of an object: an UPDATE where it had been loaded and not made."""
        found = self.decided(reach)
        if found is not None and found.operation.startswith("INSERT ") and self._is_loaded(found.target):
            return replace(found, operation=f"UPDATE {found.target}")
        return found

    def _meant(self, reach: Reach) -> str:
        """Which table's object it must be: the last one made for an INSERT, else the last one loaded."""
        first, second = (
            (self.made, self.loaded) if reach.operation.startswith("INSERT") else (self.loaded, self.made)
        )
        return self.hint or next((tables[-1] for tables in (first, second) if tables), "")

    def _is_loaded(self, table: str) -> bool:
        return table in self.loaded and table not in self.made

    def defer(self, found: list[Reach], *, fresh: bool) -> None:
        """Keep writes for the next flush, of ``fresh`` objects or others; several changes of one are one."""
        for one in found:
            decided = self.decided(one) if fresh else self.saved(one)
            waiting = {kept.operation for kept in self.waiting}
            if decided is None or (decided.operation.startswith("UPDATE") and decided.operation in waiting):
                continue
            if decided.operation.startswith("UPDATE") and decided.target in self.made:
                continue
            self.waiting.append(decided)

    def noted(self, reach: Reach) -> None:
        """Keep in mind what a statement that was sent loaded, or made a row of."""
        if reach.operation.startswith("INSERT "):
            self.made = [one for one in self.made if one != reach.target]
        if reach.target and reach.kind in (Kind.READ, Kind.WRITE):
            self.loaded.append(reach.target)

    def taken(self, sent: Reach | None) -> Reach | None:
        """The statement that is sent now: the one told, or the first built. It no longer waits."""
        if sent is not None and UNSAID not in sent.operation:
            for one in self.built:
                one.live = one.live and not (_within(one.reach, sent) or _continued(one.reach, sent))
                if not one.live and one.reach.operation == f"{sent.operation} FOR UPDATE":
                    sent = one.reach
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


def _continued(built: Reach, sent: Reach) -> bool:
    """Whether a statement built before is the beginning of the expression that sent another."""
    same = (built.place.path, built.place.line) == (sent.place.path, sent.place.line)
    return same and built.target == sent.target


def _within(built: Reach, sent: Reach) -> bool:
    """Whether a statement built before is the one sent, or a part of it."""
    tables = built.operation.removesuffix(" FOR UPDATE").partition(" ")[2].split(", ")
    whole = sent.operation.removesuffix(" FOR UPDATE").partition(" ")[2].split(", ")
    return built.kind is sent.kind and set(tables) <= {*whole, UNSAID}


def _weaker(sureness: Sureness) -> Sureness:
    return Sureness.LIKELY if sureness is Sureness.CERTAIN else sureness
