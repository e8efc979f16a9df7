"""The two verdicts on a red set: that it is red for the right reasons, and that a change made it green.

Both are reached on fresh checkouts, by pytest under a witness.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.integrity import frozen, green
from ripstop.integrity.checkout import WORK_TREE, fresh
from ripstop.integrity.frozen import Frozen
from ripstop.integrity.green import Refusal
from ripstop.integrity.paths import digest
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
    """Judges what a repository holds; ``bring`` are ignored files that a checkout needs all the same.

    Nothing may be imported from ``home``: the repository's own work tree where none is named.
    """

    repository: Repository
    session: Session = field(default_factory=Session)
    bring: tuple[str, ...] = ()
    home: Path | None = None

    def red(
        self, tests: Sequence[str], revision: str = WORK_TREE, *, known: Collection[str] = ()
    ) -> Reddened:
        """Run tests against the code as it stands; those of ``known`` node ids are nobody's new ones.

        Raises UsageError, ExperimentError.
        """
        with fresh(self.repository, revision, bring=self.bring) as project:
            inside = Repository.around(project)
            names = inside.names()
            digests = _digests(project, names)
            found = self.session.run(project, tests, home=self._home)
            edited = _edited(project, names, digests)
            if edited:
                return Reddened(tuple(Colour(name, "edited-while-running") for name in edited))
            every = colours(found, inside.text)
            told = [one for one in every if one.nodeid not in known]
            if not told:
                said = found.said.strip().rpartition("\n")[2]
                return Reddened(tuple(Colour(one, "not-collected", said) for one in tests))
            if not all(one.is_right for one in told):
                return Reddened(tuple(told))
            suite = self.session.run(project, home=self._home, collect_only=True)
            base = self.repository.revision(revision or "HEAD")
            kept = frozen.freeze(base, project, names, found, told, suite.collected)
            return Reddened(tuple(told), kept)

    def suite(self, revision: str = WORK_TREE) -> frozenset[str]:
        """The node ids of all tests. Raises UsageError, ExperimentError."""
        with fresh(self.repository, revision, bring=self.bring) as project:
            return frozenset(self.session.run(project, home=self._home, collect_only=True).collected)

    def green(self, given: Frozen, revision: str = WORK_TREE) -> Greened:
        """Whether a revision makes a red set green. Raises UsageError, ExperimentError."""
        with fresh(self.repository, revision, bring=self.bring) as project:
            names = Repository.around(project).names()
            refusals = list(green.before_running(given, project, names))
            if refusals:
                return Greened(tuple(refusals))
            digests = _digests(project, names)
            found = self.session.run(project, given.where, home=self._home)
            refusals = list(green.of_frozen(given, found, digests))
            if refusals:
                return Greened(tuple(refusals), len(given.tests))
            every = self.session.run(project, home=self._home)
            refusals = list(green.of_suite(given, every))
            refusals += [Refusal("edited-while-running", name) for name in _edited(project, names, digests)]
            return Greened(tuple(refusals), len(given.tests), len(every.collected) - len(given.tests))

    @property
    def _home(self) -> Path:
        return self.home or self.repository.project


def _digests(project: Path, names: Iterable[str]) -> dict[str, str]:
    return {name: digest(project / name) for name in names if (project / name).is_file()}


def _edited(project: Path, names: Iterable[str], before: Mapping[str, str]) -> list[str]:
    """The files of a commit that a run of its tests changed or took away."""
    now = _digests(project, names)
    return [name for name, was in before.items() if now.get(name) != was]
