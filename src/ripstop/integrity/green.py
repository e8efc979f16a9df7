"""Whether a change made a red set green, and nothing else did. Judgment only: every refusal has a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ripstop.integrity.frozen import Frozen
from ripstop.integrity.paths import digest, is_run_by_name, running, shadowing, top_level
from ripstop.integrity.red import Colour
from ripstop.integrity.witnessed import Witnessed
from ripstop.suite.touching import is_about_tests

RULES: Mapping[str, str] = {
    "test-edited": "a frozen test, or what it loads of the tests' folders, is not the file that was red",
    "test-gone": "a frozen test's file is gone",
    "link": "a frozen file, or one that decides how tests run, has become a symbolic link",
    "unfrozen-loaded": "a frozen test loads or reads a file of the tests' folders that is new or changed",
    "conftest-changed": "a conftest was changed, added or taken away",
    "configuration-changed": "pytest's configuration, or ripstop's, was changed",
    "planted": "a file that Python or pytest runs by its name alone was added",
    "shadowed": "a new module goes by the name of an installed one, and would be imported in its place",
    "plugins-changed": "pytest ran with other plugins than when the tests were red",
    "machinery-changed": "pytest, or what judges with it, was imported from the project itself",
    "collection-changed": "other tests are collected from the frozen files than were",
    "not-green": "a frozen test does not pass",
    "not-run": "a frozen test was skipped, deselected or expected to fail",
    "suite-broken": "another test of the suite fails",
    "suite-skipped": "a test of the suite that passed before the change is skipped, or expected to fail",
    "suite-shrunk": "tests that were in the suite are no longer collected",
    "nothing-changed": "the code is what it was when the tests were red",
    "green-without": "on the code before the change, a frozen test is not red any more for the reason it was",
    "tampered": "what judges tests was replaced while they ran",
    "forged": "how the tests went was told by somebody else than what ran them",
    "told-twice": "how the tests went was told more than once",
    "edited-while-running": "a file of the change was rewritten while its tests ran",
    "elsewhere": "code was imported from the original folder instead of the fresh checkout",
    "exit-disagrees": "pytest's exit code does not agree with what it said of the tests",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that a change breaks, where, and what was seen."""

    rule: str
    place: str
    said: str = ""


def before_running(frozen: Frozen, project: Path, names: Iterable[str]) -> Iterator[Refusal]:
    """What the files of a checkout tell. A change refused here is not run at all."""
    names = sorted(names)
    yield from _files(frozen, project, frozenset(names))
    yield from _deciding(frozen, running(project, names))
    for name in shadowing(top_level(names) - set(frozen.top_level)):
        yield Refusal("shadowed", name, "an installed module has this name")


def _files(frozen: Frozen, project: Path, names: frozenset[str]) -> Iterator[Refusal]:
    for name, was in frozen.files.items():
        if name not in names:
            yield Refusal("test-gone", name)
        elif (project / name).is_symlink() and not was.startswith("link:"):
            yield Refusal("link", name, str((project / name).readlink()))
        elif digest(project / name) != was:
            yield Refusal("test-edited", name)


def _deciding(frozen: Frozen, now: Mapping[str, str]) -> Iterator[Refusal]:
    for name in sorted({*frozen.running, *now}):
        was, is_ = frozen.running.get(name), now.get(name)
        if was == is_:
            continue
        how = "added" if was is None else "taken away" if is_ is None else "changed"
        yield Refusal("link" if str(is_).startswith("link:") else _rule(name, how), name, how)


def _rule(name: str, how: str) -> str:
    base = name.casefold().rpartition("/")[2]
    if base == "conftest.py":
        return "conftest-changed"
    planted = is_run_by_name(name) or base == "entry_points.txt"
    return "planted" if planted and how == "added" else "configuration-changed"


def of_frozen(frozen: Frozen, found: Witnessed, digests: Mapping[str, str]) -> Iterator[Refusal]:
    """What a run of the frozen tests tells, where the checkout's files have these digests."""
    yield from _machinery(frozen, found)
    for name in found.files:
        known = name in frozen.files or name in frozen.running
        is_new = name in digests and digests[name] != frozen.beside.get(name)
        if is_about_tests(name) and is_new and not known:
            how = "changed" if name in frozen.beside else "was not there"
            yield Refusal("unfrozen-loaded", name, how)
    files = {_file(nodeid) for nodeid in frozen.tests}
    then = {nodeid for nodeid in frozen.suite if _file(nodeid) in files}
    now = set(found.collected)
    for nodeid in sorted(then - now):
        gone = "deselected" if nodeid in found.deselected else "not collected"
        yield Refusal("not-run" if nodeid in found.deselected else "collection-changed", nodeid, gone)
    for nodeid in sorted(now - then):
        yield Refusal("collection-changed", nodeid, "was not there")
    for nodeid in sorted(now & set(frozen.tests)):
        yield from _one(nodeid, found)
    yield from _exit(found)


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def _one(nodeid: str, found: Witnessed) -> Iterator[Refusal]:
    if found.passed(nodeid):
        return
    phases = found.phases.get(nodeid, ())
    failed = next((one for one in phases if one.outcome == "failed"), None)
    if failed is None:
        yield Refusal("not-run", nodeid, "expected to fail" if any(p.xfail for p in phases) else "skipped")
    else:
        yield Refusal(
            "not-green", nodeid, failed.raised.said.partition("\n")[0] if failed.raised else failed.when
        )


def of_suite(frozen: Frozen, found: Witnessed) -> Iterator[Refusal]:
    """What a run of the whole suite tells, beyond the frozen tests."""
    yield from _machinery(frozen, found)
    for one in found.uncollected:
        yield Refusal("suite-broken", one.nodeid, f"cannot be collected: {one.error}")
    for nodeid in sorted(set(frozen.suite) - set(found.collected) - set(frozen.tests)):
        yield Refusal("suite-shrunk", nodeid)
    for nodeid in sorted(set(found.collected) - set(frozen.tests)):
        failed = next((one for one in found.phases.get(nodeid, ()) if one.outcome == "failed"), None)
        if failed is not None:
            yield Refusal(
                "suite-broken", nodeid, failed.raised.said.partition("\n")[0] if failed.raised else ""
            )
    for nodeid in sorted(set(frozen.tests) & set(found.collected)):
        yield from _one(nodeid, found)
    yield from _exit(found)


def left_out(frozen: Frozen, found: Witnessed) -> list[str]:
    """The tests beside the frozen ones that neither passed nor failed."""
    rest = sorted(set(found.collected) - set(frozen.tests))
    failed = {nodeid for nodeid in rest for one in found.phases.get(nodeid, ()) if one.outcome == "failed"}
    return [nodeid for nodeid in rest if nodeid not in failed and not found.passed(nodeid)]


def of_left_out(nodeids: Iterable[str], before: Witnessed) -> Iterator[Refusal]:
    """What a run of such tests on the code before the change tells."""
    for nodeid in nodeids:
        if before.passed(nodeid):
            yield Refusal("suite-skipped", nodeid, "passed before the change")


def of_base(frozen: Frozen, before: Iterable[Colour]) -> Iterator[Refusal]:
    """What the frozen tests came to on the code before the change."""
    reasons = {one.nodeid: one.reason for one in before}
    for nodeid, was in frozen.tests.items():
        now = reasons.get(nodeid, "not-collected")
        if now != was:
            yield Refusal("green-without", nodeid, f"{now}, was {was}")


def _machinery(frozen: Frozen, found: Witnessed) -> Iterator[Refusal]:
    for name in sorted(set(found.plugins) - set(frozen.plugins)):
        yield Refusal("plugins-changed", name, "was not there")
    for name in sorted(set(frozen.plugins) - set(found.plugins)):
        yield Refusal("plugins-changed", name, "is gone")
    for name, place in found.machinery.items():
        if place != frozen.machinery.get(name, ""):
            yield Refusal("machinery-changed", name, f"imported from {place or 'where it is installed'}")
    for name in found.forged:
        yield Refusal("forged", name, "not sealed")
    for name in found.twice:
        yield Refusal("told-twice", name)
    for name in found.tampered:
        yield Refusal("tampered", name)
    for name in found.elsewhere:
        yield Refusal("elsewhere", name)


def _exit(found: Witnessed) -> Iterator[Refusal]:
    """pytest ends with the code it announced: 0 only where nothing failed, 1 only where something did."""
    if found.code != found.status:
        yield Refusal("exit-disagrees", f"exit code {found.code}", f"pytest announced {found.status}")
    failed = any(one.outcome == "failed" for phases in found.phases.values() for one in phases)
    expected = 1 if failed else 2 if found.uncollected else 5 if not found.collected else 0
    if found.status != expected and not (found.uncollected and found.status == 1):
        yield Refusal("exit-disagrees", f"exit code {found.status}", f"expected {expected}")
