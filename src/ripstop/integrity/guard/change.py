"""A difference as the rules see it: tests paired and read, tests gone, what was changed with them."""

from __future__ import annotations

from dataclasses import dataclass

from ripstop.integrity.guard.checks import Check
from ripstop.integrity.guard.collect import Item
from ripstop.integrity.guard.matching import Lost
from ripstop.integrity.guard.modules import Revision
from ripstop.integrity.guard.pairing import acts, likeness
from ripstop.integrity.guard.reading import Reading
from ripstop.integrity.guard.settings import Settings
from ripstop.model.weakening import Spot, Sure, least

_REWRITTEN = 0.7
_CALLS_OTHERS = 0.6


@dataclass(frozen=True, slots=True)
class Pair:
    """A test before and after, or a helper of tests, with what became of its checks."""

    old: Item
    new: Item
    before: Reading
    after: Reading
    lost: tuple[Lost, ...]
    gained: tuple[Check, ...]
    expanded: bool = False
    """Whether cases were put in the place of their names, so that a lost check may be a lost case."""
    helper: bool = False

    @property
    def rewritten(self) -> bool:
        """Whether it does other things than before and asks anew: a reader has to say what was lost."""
        old, new = self.old.function, self.new.function
        acting, calling = map(likeness, acts(old), acts(new))
        return bool(self.gained) and (acting < _REWRITTEN or calling < _CALLS_OTHERS)


@dataclass(frozen=True, slots=True)
class Missing:
    """A test collected no more. ``new`` is the function it became, with why pytest does not take it."""

    old: Item
    new: Item | None
    why: str
    lost: tuple[Lost, ...]
    kept: int
    """How many of its checks other tests make now."""
    checks: int
    file_gone: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """The whole difference. ``gone`` are names that the sources defined before and define no more."""

    old: Revision
    new: Revision
    old_settings: Settings
    new_settings: Settings
    pairs: tuple[Pair, ...]
    missing: tuple[Missing, ...]
    changed: frozenset[str]
    gone: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()
    """Top-level packages of the sources that were changed with the tests."""
    local: frozenset[str] = frozenset()
    """Top-level packages of the repository that are not tests."""
    same: int = 0
    """How many tests of the files read are the same in every respect; no pair tells of them."""

    def sourced(self, item: Item) -> bool:
        """Whether sources that the test may be about were changed as well."""
        if not self.touched:
            return False
        heads = {whole.rpartition(":")[2].partition(".")[0] for whole in item.module.imports.values()}
        ours = heads & self.touched
        return bool(ours) or not heads & self.local

    def about_gone(self, text: str) -> bool:
        """Whether an expression names something that the sources no longer define."""
        return any(name in self.gone for name in _words(text))

    def sure(self, base: Sure, text: str) -> Sure:
        """How sure a loss is: one whose subject went with it only asks for a look."""
        return least(base, Sure.LOOK) if self.about_gone(text) else base


def _words(text: str) -> set[str]:
    word, found = "", set()
    for character in f"{text} ":
        if character.isalnum() or character == "_":
            word += character
        elif word:
            found.add(word)
            word = ""
    return found


def nowhere(pair: Pair) -> Spot:
    """Where a reader should look for what is gone: the test as it is now."""
    return Spot(pair.new.path, pair.new.function.lineno)
