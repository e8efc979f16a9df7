"""What Ripstop adds to pytest: the marker, ``service`` and ``seams``, a reset around each test.

Every pytest of whoever has Ripstop installed loads this file, most of them for tests of something else. So
what starts a rig is imported by the test that asks for one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ripstop.errors import RipstopError
from ripstop.suite import noting
from ripstop.suite.isolation import mark_before_own_fixtures, undo_residue
from ripstop.suite.workflows import MARKER, uses_rig, workflow_of

if TYPE_CHECKING:
    import httpx

    from ripstop.rig.rig import Rig
    from ripstop.suite.seams import Seams

RIG = pytest.StashKey["Rig"]()
_NOTES = pytest.StashKey[tuple[Path, dict[str, Any]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("ripstop").addoption(
        "--ripstop-disarm", action="store_true", help="arm no fault, to see that the tests fail then"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        try:
            workflow_of(item)
        except RipstopError as error:
            raise pytest.UsageError(str(error)) from None


@pytest.fixture(scope="session")
def _ripstop_rig(pytestconfig: pytest.Config) -> Iterator[Rig]:
    rig = pytestconfig.stash.get(RIG, None)
    if rig is not None:
        yield rig
        return
    try:
        rig = start_rig(pytestconfig.rootpath)
    except RipstopError as error:
        # Nothing of ours is at fault: our own frames would only hide what it says.
        pytest.fail(str(error), pytrace=False)
    rig.disarmed = pytestconfig.getoption("--ripstop-disarm")
    pytestconfig.stash[RIG] = rig
    try:
        yield rig
    finally:
        del pytestconfig.stash[RIG]
        rig.close()


@pytest.fixture(scope="session")
def service(_ripstop_rig: Rig) -> Iterator[httpx.Client]:
    """An httpx client of the running service; a request without an answer raises NoAnswer."""
    with _ripstop_rig.client() as client:
        yield client


@pytest.fixture(scope="session")
def seams(_ripstop_rig: Rig) -> Seams:
    """One attribute for each configured seam: inject, changes, row, rows, effects, eventually, settle."""
    from ripstop.suite.seams import Seams

    return Seams(_ripstop_rig)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    rig = item.config.stash.get(RIG, None)
    if rig is not None and uses_rig(item):
        undo_residue(rig)
        rig.begin()
    yield
    rig = item.config.stash.get(RIG, None)
    if rig is not None and uses_rig(item):
        mark_before_own_fixtures(rig, item)
        rig.enter_call()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(request: pytest.FixtureRequest) -> Generator[None, object, object]:
    rig = request.config.stash.get(RIG, None)
    if rig is not None and request.scope == "function" and isinstance(request.node, pytest.Item):
        mark_before_own_fixtures(rig, request.node)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    rig = item.config.stash.get(RIG, None)
    proof = item.config.getoption("--ripstop-outcomes", default=None)
    if rig is not None and uses_rig(item) and not rig.disarmed and not proof:
        # What is noted serves later commands only; a run must never fail over it.
        with contextlib.suppress(Exception):
            _, notes = item.config.stash.setdefault(_NOTES, (rig.config.root, {}))
            noting.note(notes, rig, item, report)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _NOTES in session.config.stash:
        with contextlib.suppress(Exception):
            noting.keep(*session.config.stash[_NOTES])


def start_rig(folder: Path) -> Rig:
    """A rig for the project whose configuration is found from ``folder`` upward."""
    from ripstop import config as configuration
    from ripstop.rig.rig import Rig

    return Rig.start(configuration.load(folder))
