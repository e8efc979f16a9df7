"""The gate: an agent's command runs in a clone and a jail; what it changed is judged before anyone gets it.

What comes back is one patch, or nothing. The clone's own git is never asked: the difference is told by its
files, laid over a fresh checkout and judged there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ripstop.agents import changes, jail, places, scrubbing, watching
from ripstop.agents.changes import Change, look
from ripstop.agents.jail import Jail
from ripstop.agents.phases import RED, TRIAGE, Ground
from ripstop.agents.places import is_within
from ripstop.errors import ExperimentError, UsageError
from ripstop.integrity import green, process, repository, revisions
from ripstop.integrity.checkout import fresh
from ripstop.integrity.frozen import Frozen
from ripstop.integrity.green import Refusal
from ripstop.integrity.guarding import guarded
from ripstop.integrity.judging import Judge
from ripstop.integrity.process import Ran, Watch
from ripstop.integrity.repository import Repository
from ripstop.integrity.session import Session
from ripstop.integrity.special import special_cases
from ripstop.suite.touching import is_about_tests

JAILED, VERIFY_ONLY = "jailed", "verify-only"
RULES: Mapping[str, str] = {
    **green.RULES,
    **changes.RULES,
    "wrong-red": "a new test is not red for the right reason",
    "nothing-red": "no test was written",
    "weakened": "a test asserts less than it did",
    "special-cased": "the code knows the tests: it answers their very values, or asks whether it is tested",
    "original-touched": "the original work tree was changed, which only a copy of may be",
    "submodule": "a file of another repository within this one was changed, which no patch of ours can hold",
    "out-of-time": "the command was not done in time",
    "not-judged": "its tests could not be run to their end",
}
_DRAFT_FILES = 100
_SEALED = 200
PLAIN = ("--unified=3", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
"""A patch as everybody reads it, whatever a person has configured."""
_WHO = ("-c", "user.name=ripstop", "-c", "user.email=ripstop@localhost", "-c", "commit.gpgSign=false")
_ALL = ("-c", "core.excludesFile=/dev/null", "add", "--all")
"""What a person's own settings ignore was in the work tree already, or is the agent's."""


@dataclass(frozen=True, slots=True)
class Task:
    """What an agent is to do: a ``phase`` on some ``ground`` by a ``command``.

    ``environment`` is laid over what the jail gives, ``passed`` names variables of ours that it needs,
    ``home`` are files that its home directory starts with, ``visible`` places it needs that a jail hides.
    ``draft`` is what an earlier attempt left, by path (None: gone): it starts from there, and is judged by it
    all. ``watch`` hears each line it prints.
    """

    phase: str
    command: tuple[str, ...]
    ground: Ground
    red: Frozen | None = None
    timeout_s: float = 1800.0
    network: bool = True
    passed: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    home: Mapping[str, str] = field(default_factory=dict)
    visible: tuple[Path, ...] = ()
    draft: Mapping[str, bytes | None] = field(default_factory=dict)
    watch: Watch = process.ignore


@dataclass(frozen=True, slots=True)
class Handed:
    """What came of it: a ``patch`` where nothing is refused. ``red`` is what a red phase froze.

    ``label`` tells whether it ran in a jail, ``said`` what the command printed, ``stopped`` why a watcher
    ended it. ``draft`` is what it left, without what it may not write: something to go on from, never to use.
    """

    label: str
    refusals: tuple[Refusal, ...]
    patch: bytes = b""
    status: int = 0
    said: bytes = b""
    red: Frozen | None = None
    changed: tuple[str, ...] = ()
    stopped: str = ""
    draft: Mapping[str, bytes | None] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        return not self.refusals


@dataclass(frozen=True, slots=True)
class Gate:
    """Runs tasks against the work tree of a repository. ``jailed`` False: verify only.

    ``original`` is the folder to hide and to watch where the repository is itself a copy of it. What tests
    say may reach the agent: of our variables they get what every program needs, and those ``passed``.
    """

    repository: Repository
    jailed: bool = True
    session: Session = field(default_factory=Session)
    bring: tuple[str, ...] = ()
    original: Path | None = None
    passed: tuple[str, ...] = ()

    def run(self, task: Task) -> Handed:
        """Let a command work, then judge. Raises UsageError."""
        if task.phase not in (RED, TRIAGE) and task.red is None:
            raise UsageError(
                "no-red-set", f"a {task.phase} phase needs frozen tests", way_out="ripstop red first"
            )
        label = JAILED if self.jailed else VERIFY_ONLY
        with fresh(self.repository, bring=self.bring) as project:
            committed(project, "as it stands")
            watched = () if self.jailed else watching.places(self._hidden)
            before, original, others = look(project), watching.watched(watched), _submodules(project)
            _laid_out(task.draft, project)
            ran = self._work(task, project)
            changed = changes.between(before, look(project))
            refusals = [
                Refusal("submodule", one.path) for one in changed if is_within(Path(one.path), others)
            ]
            refusals += [Refusal(*one) for one in changes.refusals(changed, task.ground, task.phase)]
            left = _draft(changed, {one.place for one in refusals}, project)
            touched = changes.between(original, watching.watched(watched))
            refusals += [Refusal("original-touched", one.path) for one in touched]
            if ran.status is None:
                said = ran.stopped or f"after {task.timeout_s:g} s"
                refusals.append(Refusal("out-of-time", task.command[0], said))
            done = Handed(
                label,
                tuple(refusals),
                status=ran.status or 0,
                said=ran.said,
                changed=tuple(one.path for one in changed),
                stopped=ran.stopped,
                draft=left,
            )
            return done if refusals or task.phase == TRIAGE else self._judged(task, project, changed, done)

    def judge(self, inside: Repository) -> Judge:
        """Who judges what a copy of the repository holds."""
        return Judge(inside, self._offline(), self.bring, home=self._home)

    def _judged(self, task: Task, worked: Path, changed: Sequence[Change], done: Handed) -> Handed:
        """What an allowed difference is worth, on a fresh checkout that holds nothing else."""
        with fresh(self.repository, bring=self.bring) as project:
            base = committed(project, "before")
            for one in changed:
                _carry(one, worked, project)
            head = committed(project, "after")
            inside = Repository.around(project)
            judge = self.judge(inside)
            try:
                refusals, frozen = _verdict(task, judge, changed, base, head)
            except ExperimentError as error:
                refusals, frozen = [Refusal("not-judged", error.slug, error.message)], None
            refusals += list(_weakened(project, base, head))
            patch = b"" if refusals else inside.ask("diff", "--binary", *PLAIN, base, head)
            told = scrubbing.masked(refusals, self.passed)
            return replace(done, refusals=told, patch=patch, red=frozen if not refusals else None)

    def _work(self, task: Task, project: Path) -> Ran:
        with _home_with(task.home) as home:
            env = jail.environment(home, task.passed, task.environment)
            command = list(task.command)
            if self.jailed:
                names = task.ground.writable(task.phase)
                writable = tuple(name for name in names if (project / name).exists())
                visible = (*places.tools(task.command[0], hidden=self._hidden), *task.visible, *self._brought)
                sealed = _sealed(task, project, writable)
                cell = Jail(
                    project, home, writable, task.network, self._hidden, visible, self._top(project), sealed
                )
                command = cell.command(command)
            return process.run(command, project, env, task.timeout_s, task.watch)

    def _offline(self) -> Session:
        """How tests are run: without our variables; in a jail, with no network but their own loopback."""
        withheld = scrubbing.withheld(self.passed)
        if not self.jailed:
            return replace(self.session, withheld=withheld)

        def inside(command: Sequence[str], project: Path, kept: Path) -> list[str]:
            visible = (*places.tools(hidden=self._hidden), *self._brought)
            cell = Jail(project, kept, (".",), False, self._hidden, visible, self._top(project))
            return cell.command(command)

        return replace(self.session, inside=inside, withheld=withheld)

    @property
    def _home(self) -> Path:
        return self.original or self.repository.project

    def _top(self, checkout: Path) -> Path:
        """All that was checked out, around the project's folder."""
        depth = len(self.repository.prefix.parts)
        return (checkout, *checkout.parents)[depth]

    @property
    def _hidden(self) -> tuple[Path, ...]:
        """All of the repository, and of what it is a copy of."""
        return tuple(dict.fromkeys((self._top(self._home), self.repository.top)))

    @property
    def _brought(self) -> tuple[Path, ...]:
        """Where what a checkout is brought lies: it is linked to, and would be hidden with the rest."""
        return tuple((self._home / name).resolve() for name in self.bring)


def _verdict(
    task: Task, judge: Judge, changed: Sequence[Change], base: str, head: str
) -> tuple[list[Refusal], Frozen | None]:
    if task.phase == RED:
        return _reddened(judge, changed, base, head)
    assert task.red is not None
    found = list(judge.green(task.red, head, base=base).refusals)
    if not found:
        texts = {
            one.path: judge.repository.text(one.path)
            for one in changed
            if one.now and one.path.endswith(".py")
        }
        tests = {name: judge.repository.text(name) for name in task.red.where}
        python = [one.path for one in changed if one.was and one.path.endswith(".py")]
        before = [judge.repository.text_at(base, path) for path in python]
        found = [Refusal("special-cased", *one) for one in special_cases(texts, tests, before)]
    return found, None


def _reddened(
    judge: Judge, changed: Sequence[Change], base: str, head: str
) -> tuple[list[Refusal], Frozen | None]:
    new = [one.path for one in changed if one.now and one.path.endswith(".py") and is_about_tests(one.path)]
    tests = [path for path in new if Path(path).name.startswith("test_") or path.endswith("_test.py")]
    if not tests:
        return [Refusal("nothing-red", "the change", "no test file was added or changed")], None
    found = judge.red(tests, head, known=judge.suite(base))
    wrong = [
        Refusal("wrong-red", one.nodeid, f"{one.reason}: {one.said}. {one.way_out}")
        for one in found.colours
        if not one.is_right
    ]
    return wrong, found.frozen


def _weakened(project: Path, base: str, head: str) -> Iterator[Refusal]:
    repo = Repository.around(project)
    for one in guarded(repo, revisions.parse(repo, f"{base}..{head}")).failing:
        yield Refusal("weakened", one.test, f"{one.rule}: {one.why}")


def _sealed(task: Task, project: Path, writable: Sequence[str]) -> tuple[str, ...]:
    """What lies in a phase's folders and is not its own, if it is few: the rest is refused afterwards."""
    inside = [name for name, seen in look(project).items() if seen.kind == "file"]
    within = [name for name in inside if any(PurePosixPath(name).is_relative_to(one) for one in writable)]
    others = [name for name in within if not task.ground.allows(task.phase, name)]
    git = [".git"] if "." in writable and (project / ".git").exists() else []
    return (*git, *others[:_SEALED])


def _carry(one: Change, source: Path, target: Path) -> None:
    """Bring one changed file over. Only plain files are: anything else was refused before."""
    place = target / one.path
    if one.now is None:
        place.unlink()
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / one.path, place, follow_symlinks=False)


def _laid_out(draft: Mapping[str, bytes | None], project: Path) -> None:
    for name, content in draft.items():
        place = project / name
        if content is None:
            place.unlink(missing_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)


def _draft(changed: Sequence[Change], refused: set[str], project: Path) -> dict[str, bytes | None]:
    """What of a change a next attempt may go on from: plain files of this phase, and no more than a person
    would read."""
    kept = [one for one in changed if one.path not in refused][:_DRAFT_FILES]
    return {one.path: (project / one.path).read_bytes() if one.now else None for one in kept}


def committed(project: Path, message: str) -> str:
    """Commit everything that is there, and give the commit's name."""
    repository.ask(project, *_ALL)
    repository.ask(project, *_WHO, "commit", "--quiet", "--allow-empty", "--no-verify", "-m", message)
    return Repository.around(project).revision("HEAD")


def _submodules(project: Path) -> list[Path]:
    """The folders of a checkout that are other repositories' (git-ls-files(1): mode 160000)."""
    listed = repository.ask(project, "ls-files", "--stage", "-z").split(b"\0")
    return [Path(os.fsdecode(one.partition(b"\t")[2])) for one in listed if one.startswith(b"160000 ")]


@contextlib.contextmanager
def _home_with(files: Mapping[str, str]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ripstop-home-") as made:
        home = Path(made).resolve()
        for name, text in files.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text, encoding="utf-8")
        yield home
