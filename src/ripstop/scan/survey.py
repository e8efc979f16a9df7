"""The door of this room: a repository's workflows, ranked, with what no test covers.

It prints nothing and writes nothing. What other rooms know comes in through Options: what a person says a
workflow is worth (`ripstop.config.stakes`), and which faults a crossing can suffer (`ripstop.cli.offering`).
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from ripstop.errors import UsageError
from ripstop.model.survey import LeftOut, Ranked, Reach, RiskCoverage, Route, Stake, Survey, Unread
from ripstop.scan import contexts, coverage, exits, files, kept, ranking, stakes
from ripstop.scan.code import Codebase, Table
from ripstop.scan.contexts import Contexts
from ripstop.scan.coverage import Evidence, Faults
from ripstop.scan.flow import flow
from ripstop.scan.hazards import registry
from ripstop.scan.hazards.subject import Subject
from ripstop.scan.javascript import reading as javascript
from ripstop.scan.python import reading as python
from ripstop.scan.routes import express, fastify, finding, hono
from ripstop.scan.routes.applications import Application
from ripstop.scan.routes.sites import told
from ripstop.scan.testing import reading as testing
from ripstop.scan.testing.matching import Router
from ripstop.scan.testing.nouns import Test

_SOURCES_KEPT = 256


def no_faults(_reach: Reach) -> Sequence[str]:
    """Nothing can break: for who asks for routes and risks alone."""
    return ()


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller of ``survey`` may say.

    ``stakes`` by operation (``POST /orders``) or by a workflow's name, those of markers excepted, which
    are read from the tests. With ``importing`` the application is imported, by ``python`` (the project's
    own interpreter; found where None), to ask it for its routes. ``coverage`` is a ``.coverage`` file
    with contexts, looked for in the root where None.
    """

    stakes: Mapping[str, Stake] = field(default_factory=dict)
    faults: Faults = no_faults
    importing: bool = True
    python: Path | None = None
    coverage: Path | None = None


DEFAULT = Options()


@dataclass(frozen=True, slots=True)
class _Routed:
    """The routes of one language with the code they are in."""

    code: Codebase
    routes: tuple[Route, ...]
    notes: tuple[str, ...] = ()
    applications: tuple[Application, ...] = ()


def survey(root: Path, options: Options = DEFAULT) -> Survey:
    """Read a repository. Raises UsageError: ``no-such-folder``, ``no-code``, ``no-service``."""
    return surveyed(root, options)[0]


def surveyed(root: Path, options: Options = DEFAULT) -> tuple[Survey, tuple[Application, ...]]:
    """``survey``, and the applications that serve its routes. Raises as it does."""
    root = root.resolve()
    if not root.is_dir():
        raise UsageError("no-such-folder", f"{root} is no folder", way_out="name the repository's")
    with _without_collections():
        return _surveyed(root, options)


def declared(root: Path) -> tuple[Table, ...]:
    """The tables that the code declares, in the order of their names. Reads the code and nothing else."""
    root = root.resolve()
    sources = files.find(root)
    with _without_collections():
        codes = [python.read(root, sources.python)] if sources.python else []
        codes += [javascript.read(root, sources.javascript)] if sources.javascript else []
    return tuple(sorted((table for one in codes for table in one.tables.values()), key=lambda one: one.name))


def _surveyed(root: Path, options: Options) -> tuple[Survey, tuple[Application, ...]]:
    began = time.monotonic()
    sources = files.find(root)
    read = _read(root, sources, options)
    _must_serve(root, sources, read)
    found = testing.read(root, sources.tests)
    subjects = [one for each in read for one in _subjects(root, each)]
    asked = _Asked(root, options, found.tests, subjects)
    workflows, left_out, notes = asked.answer()
    unread = (*(one for each in read for one in each.code.unread), *found.unread)
    told = Survey(
        workflows,
        left_out,
        unread,
        asked.shares(workflows),
        sum(each.code.files for each in read) + len(sources.tests),
        time.monotonic() - began,
        (*(note for each in read for note in each.notes), *notes, *_about(sources, unread)),
    )
    return told, tuple(one for each in read for one in each.applications)


@contextmanager
def _without_collections() -> Iterator[None]:
    """What is read stays to the end: looking for garbage among it would take longer than reading."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _read(root: Path, sources: files.Sources, options: Options) -> list[_Routed]:
    """Both languages' code with its routes; one without files is left out."""
    read = []
    if sources.python:
        code = python.read(root, sources.python)
        asked = str(options.python) if options.python else ""
        found = finding.find(root, code, importing=options.importing, python=asked)
        read.append(_Routed(code, found.routes, found.notes, found.applications))
    if sources.javascript:
        code = javascript.read(root, sources.javascript)
        graphs = [express.graph(code), hono.graph(code), fastify.graph(code)]
        routes = {one.operation: one for graph in graphs for one in told(graph)}
        gaps = dict.fromkeys(
            f"{gap}: these routes are missing here" for graph in graphs for gap in graph.gaps
        )
        read.append(_Routed(code, tuple(routes.values()), tuple(gaps)))
    served = [one for one in read if one.routes]
    return [replace(one, notes=one.notes if one in served or not served else ()) for one in read]


def _must_serve(root: Path, sources: files.Sources, read: Sequence[_Routed]) -> None:
    """Raises UsageError where there is nothing to say anything of."""
    if not read:
        tests = f", only {len(sources.tests)} files of tests" if sources.tests else ""
        raise UsageError(
            "no-code",
            f"no Python, JavaScript or TypeScript source in {root}{tests}",
            way_out="name the folder that holds the service's code",
        )
    if any(one.routes for one in read):
        return
    number = sum(one.code.files for one in read)
    unread = [f"{one.place}: {one.why}" for each in read for one in each.code.unread]
    raise UsageError(
        "no-service",
        f"no route of a web service in the {number} files of {root}",
        details=[note for one in read for note in one.notes] + unread[:10],
        way_out="name the service's own folder; known are FastAPI, Starlette, Flask, Django, Litestar, "
        "Express, Hono and Fastify",
    )


def _subjects(root: Path, read: _Routed) -> list[Subject]:
    lines = source_of(root)
    return [
        Subject(
            route,
            flow(route.handler, read.code, route.guards),
            exits.on_the_way(route, read.code),
            exits.before(route, read.code),
            read.code,
            lines,
        )
        for route in read.routes
    ]


def source_of(root: Path) -> Callable[[str], Sequence[str]]:
    """Gives a file's lines by its path; the last few hundred files are kept."""

    @lru_cache(maxsize=_SOURCES_KEPT)
    def lines(path: str) -> Sequence[str]:
        try:
            return tuple((root / path).read_text(encoding="utf-8", errors="replace").splitlines())
        except OSError:
            return ()

    return lines


@dataclass(slots=True)
class _Asked:
    """One survey in the making: routes and what they reach, beside what tests say of them."""

    root: Path
    options: Options
    tests: tuple[Test, ...]
    subjects: Sequence[Subject]
    tested: Evidence = field(init=False)
    ran: Contexts = field(init=False)

    def __post_init__(self) -> None:
        self.tested = coverage.gather(
            self.tests, kept.read(self.root), Router.of([one.route for one in self.subjects])
        )
        places = {
            one.place.path for subject in self.subjects for one in (*subject.functions, *subject.guards)
        }
        self.ran = contexts.read(
            self.root, self.options.coverage, [one.nodeid for one in self.tests], sorted(places)
        )

    def answer(self) -> tuple[tuple[Ranked, ...], tuple[LeftOut, ...], tuple[str, ...]]:
        """What is ranked, what is left out, and what is to be said of both."""
        risks = {one.route.operation: registry.hazards(one) for one in self.subjects}
        points = {
            one.route.operation: ranking.guessed(risks[one.route.operation], one.reaches)
            for one in self.subjects
        }
        routes = [one.route for one in self.subjects]
        laid = stakes.lay(self.options.stakes, self.tests, routes, points)
        ranked, left_out = [], []
        for one in self.subjects:
            stake = laid.by_operation.get(one.route.operation, Stake())
            why = ranking.left_out(one.route, one.reaches, one.code, stake)
            if why is not None:
                left_out.append(why)
                continue
            plain = Ranked(one.route, one.reaches, risks[one.route.operation], stake=stake)
            ranked.append(self._told(plain, one))
        return ranking.ranked(ranked), tuple(left_out), (*laid.notes, *self.ran.notes)

    def shares(self, workflows: Sequence[Ranked]) -> RiskCoverage:
        """Of the tests in a language in which there are routes, and of those that call one all the same."""
        languages = {Path(one.route.place.path).suffix == ".py" for one in self.subjects}
        about = [t for t in self.tests if (t.place.path.endswith(".py") in languages) or t.asked]
        return coverage.shares(workflows, about, self.tested)

    def _told(self, one: Ranked, subject: Subject) -> Ranked:
        """A workflow with its exits, failure modes and tests."""
        name = one.route.operation
        ways_out = exits.exits((*subject.functions, *subject.guards))
        by_lines = sorted(coverage.by_lines(subject.functions, self.ran))
        return replace(
            one,
            exits=coverage.entered(ways_out, self.ran, self.tested, name, subject.source),
            failure_modes=tuple(coverage.failure_modes(one.reaches, self.options.faults, self.tested, name)),
            tests=tuple({**self.tested.calls[name], **dict.fromkeys(by_lines)}),
            error_tests=tuple(self.tested.errors[name]),
        )


def _about(sources: files.Sources, unread: Sequence[Unread]) -> list[str]:
    notes = []
    if sources.cut:
        notes.append(f"there are more than {files.MOST_FILES} files: those after them were not read")
    if unread:
        first = unread[0]
        more = f", and {len(unread) - 1} more" if len(unread) > 1 else ""
        notes.append(f"not read: {first.place}: {first.why}{more}")
    return notes
