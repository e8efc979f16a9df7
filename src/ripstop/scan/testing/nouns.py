"""What is read of a test: its requests, and what it expects of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ripstop.model.survey import Place, Stake, Unread

HOLE = "{}"
"""Stands in a path for what is only known when the test runs."""


@dataclass(frozen=True, slots=True)
class Injected:
    """``with seams.NAME.inject(faults.FAULT(...), at=OPERATION)``; ``operation`` may be unnamed."""

    seam: str
    operation: str
    fault: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that a test sends. ``path`` is without query, its unknown parts written ``{}``.

    ``error`` tells that a refusal or a fault is expected of it. ``name`` is set, and ``path`` is not,
    where the test asks for a route by its name, as with Django's ``reverse``. ``injected`` are the faults
    made to happen around it, ``statuses`` the error statuses that its answer is asserted to have.
    """

    method: str
    path: str
    line: int
    error: bool = False
    name: str = ""
    injected: tuple[Injected, ...] = ()
    statuses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Test:
    """One test function, or one ``it(...)``. ``nodeid`` is without parameters, ``end_line`` included.

    ``error``: it takes an error path, whichever way. ``generated``: written by `ripstop backfill`.
    ``red``: it is marked as expected to fail, or to be skipped, and so protects nothing.
    ``workflow`` and ``stake`` are what its marker says.
    """

    __test__ = False

    nodeid: str
    place: Place
    end_line: int
    asked: tuple[Asked, ...] = ()
    error: bool = False
    generated: bool = False
    red: bool = False
    workflow: str = ""
    stake: Stake = field(default_factory=Stake)


@dataclass(frozen=True, slots=True)
class Found:
    """All tests of a repository, and the files that could not be read."""

    tests: tuple[Test, ...] = ()
    unread: tuple[Unread, ...] = ()
