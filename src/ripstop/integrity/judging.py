"""The two verdicts on a red set: that it is red for the right reasons, and that a change made it green.

Both are reached on fresh checkouts, by pytest under a witness.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
from ripstop.integrity.witnessed import Witnessed
from ripstop.suite.touching import is_about_tests


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
            kept = frozen.freeze(base, project, digests, found, told, suite.collected)
            return Reddened(tuple(told), kept)

    def suite(self, revision: str = WORK_TREE) -> frozenset[str]:
        """The node ids of all tests. Raises UsageError, ExperimentError."""
        with fresh(self.repository, revision, bring=self.bring) as project:
            return frozenset(self.session.run(project, home=self._home, collect_only=True).collected)

    def green(self, given: Frozen, revision: str = WORK_TREE, *, base: str = "") -> Greened:
        """Whether a revision makes a red set green, by a change of ``base`` (else of what it was red on).

        Raises UsageError, ExperimentError.
        """
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
            if not refusals:
                refusals = list(self._beside_base(given, digests, project, every, base or given.base))
            return Greened(tuple(refusals), len(given.tests), len(every.collected) - len(given.tests))

    def _beside_base(
        self, given: Frozen, digests: Mapping[str, str], project: Path, found: Witnessed, base: str
    ) -> Iterator[Refusal]:
        """What a change that seems to hold is worth beside the code before it, where that is still there."""
        if frozen.of_product(digests, given.where) == given.product:
            yield Refusal("nothing-changed", "the change")
            return
        if not self.repository.holds(base):
            return
        with fresh(self.repository, base, bring=self.bring) as before:
            inside = Repository.around(before)
            was_there = _digests(before, inside.names())
            left_out = green.left_out(given, found)
            files = sorted({one.partition("::")[0] for one in left_out} & set(was_there))
            if files:
                yield from green.of_left_out(left_out, self.session.run(before, files, home=self._home))
            if frozen.of_product(was_there, given.where) == given.product:
                _lay_over(before, project, [*given.files, *(n for n in given.running if is_about_tests(n))])
                was = self.session.run(before, given.where, home=self._home)
                yield from green.of_base(given, colours(was, inside.text))

    @property
    def _home(self) -> Path:
        return self.home or self.repository.project


def _digests(project: Path, names: Iterable[str]) -> dict[str, str]:
    return {name: digest(project / name) for name in names if (project / name).is_file()}


def _lay_over(target: Path, source: Path, names: Iterable[str]) -> None:
    """Put files of one checkout in another."""
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).unlink(missing_ok=True)
        shutil.copyfile(source / name, target / name, follow_symlinks=False)


def _edited(project: Path, names: Iterable[str], before: Mapping[str, str]) -> list[str]:
    """The files of a commit that a run of its tests changed or took away."""
    now = _digests(project, names)
    return [name for name, was in before.items() if now.get(name) != was]
