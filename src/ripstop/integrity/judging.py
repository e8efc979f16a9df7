"""The two verdicts on a red set: that it is red for the right reasons, and that a change made it green.

Both are reached on fresh checkouts, by pytest under a witness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.integrity import frozen, green
from ripstop.integrity.checkout import WORK_TREE, fresh
from ripstop.integrity.frozen import Frozen
from ripstop.integrity.green import Refusal
from ripstop.integrity.red import Colour, colours
from ripstop.integrity.repository import Repository
from ripstop.integrity.session import Session


@dataclass(frozen=True, slots=True)
class Reddened:
    """Each test with its colour; ``frozen`` only where all of them are red for the right reason."""

    colours: tuple[Colour, ...]
    frozen: Frozen | None = None


@dataclass(frozen=True, slots=True)
class Greened:
    """``refusals`` empty: accepted. ``tests`` and ``suite`` are how many ran of either."""

    refusals: tuple[Refusal, ...]
    tests: int = 0
    suite: int = 0

    @property
    def accepted(self) -> bool:
        return not self.refusals


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges what a repository holds; ``bring`` are ignored files that a checkout needs all the same."""

    repository: Repository
    session: Session = field(default_factory=Session)
    bring: tuple[str, ...] = ()

    def red(self, tests: Sequence[str], revision: str = WORK_TREE) -> Reddened:
        """Run tests against the code as it stands. Raises UsageError, ExperimentError."""
        with fresh(self.repository, revision, bring=self.bring) as project:
            found = self.session.run(project, tests, home=self._home)
            told = colours(found, lambda name: _text(project / name))
            if not told:
                said = found.said.strip().rpartition("\n")[2]
                return Reddened(tuple(Colour(one, "not-collected", said) for one in tests))
            if not all(one.is_right for one in told):
                return Reddened(tuple(told))
            every = self.session.run(project, home=self._home, collect_only=True)
            base = self.repository.revision(revision or "HEAD")
            kept = frozen.freeze(base, project, _names(project), found, told, every.collected)
            return Reddened(tuple(told), kept)

    def green(self, given: Frozen, revision: str = WORK_TREE) -> Greened:
        """Whether a revision makes a red set green. Raises UsageError, ExperimentError."""
        with fresh(self.repository, revision, bring=self.bring) as project:
            refusals = list(green.before_running(given, project, _names(project)))
            if refusals:
                return Greened(tuple(refusals))
            found = self.session.run(project, given.where, home=self._home)
            refusals = list(green.of_frozen(given, found))
            if refusals:
                return Greened(tuple(refusals), len(given.tests))
            every = self.session.run(project, home=self._home)
            refusals = list(green.of_suite(given, every))
            return Greened(tuple(refusals), len(given.tests), len(every.collected) - len(given.tests))

    @property
    def _home(self) -> Path:
        return self.repository.top / self.repository.prefix


def _names(project: Path) -> list[str]:
    """Every file of a checkout that a commit of everything in it would hold, relative to the project."""
    inside = Repository.around(project)
    prefix = inside.prefix.as_posix()
    start = "" if prefix == "." else f"{prefix}/"
    return [name.removeprefix(start) for name in inside.present() if name.startswith(start)]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
