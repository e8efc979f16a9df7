"""What a reason is asked about, and what a reason is: two nouns all files of this folder share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ripstop.model.survey import Hazard, Place, Reach, Route, Sureness
from ripstop.scan.code import Codebase, Function


def no_source(_path: str) -> Sequence[str]:
    """No file's lines are at hand."""
    return ()


@dataclass(frozen=True, slots=True)
class Subject:
    """One route and what was read of it.

    ``reaches`` are its crossings in the order in which they happen; ``functions`` are the handler and
    those on its way, ``guards`` those that run before it. ``source`` gives a file's lines by its path,
    nothing where it cannot be read.
    """

    route: Route
    reaches: tuple[Reach, ...] = ()
    functions: tuple[Function, ...] = ()
    guards: tuple[Function, ...] = ()
    code: Codebase = field(default_factory=Codebase)
    source: Callable[[str], Sequence[str]] = no_source


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason's identity and its own page (Markdown: what, why it matters, example, instead).

    ``weight`` is what it adds to a workflow's risk where it is certain.
    """

    slug: str
    title: str
    weight: int
    page: str

    def hazard(
        self, text: str, place: Place, sureness: Sureness = Sureness.CERTAIN, *, weight: int | None = None
    ) -> Hazard:
        """This reason, found at a place."""
        return Hazard(self.slug, text, self.weight if weight is None else weight, place, sureness)
