"""From the sources of two revisions to the weakenings between them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ripstop.integrity.guard.change import Change, Missing, Pair
from ripstop.integrity.guard.checks import Check
from ripstop.integrity.guard.classes import Parents, parents
from ripstop.integrity.guard.collect import Item, items, matches_file
from ripstop.integrity.guard.helpers import asserts
from ripstop.integrity.guard.matching import Lost, Matched, found_in, match
from ripstop.integrity.guard.modules import Revision, defined, is_testing
from ripstop.integrity.guard.nouns import Sources
from ripstop.integrity.guard.pairing import fingerprint, likeness, pair
from ripstop.integrity.guard.reading import is_fixture, names_of, reading, tables_of
from ripstop.integrity.guard.rules import registry
from ripstop.integrity.guard.settings import Settings, settings
from ripstop.integrity.guard.untouched import Untouched
from ripstop.model.weakening import Weakening

_SAME_BODY = 0.6
_MOST_FILES = 3_000


@dataclass(slots=True)
class _Side:
    revision: Revision
    settings: Settings
    items: list[Item]

    @property
    def tests(self) -> list[Item]:
        return [item for item in self.items if not item.why_not]


def compare(old: Sources, new: Sources, changed: Iterable[str]) -> tuple[Weakening, ...]:
    """Every weakening of the tests between two revisions, by file and line, each told once.

    ``changed`` are the paths whose content differs, of either side. Only they are read, with what they
    import from the test tree; where the configuration is among them, the names of all files are looked at.
    """
    return weakenings(difference(old, new, changed))


def weakenings(change: Change) -> tuple[Weakening, ...]:
    """What every rule says of a difference."""
    found = [weakening for rule in registry.CHECKS for weakening in rule(change)]
    return tuple(sorted(_once(found), key=lambda w: (w.before.path, w.before.line, w.rule, w.test)))


def _once(found: Iterable[Weakening]) -> Iterator[Weakening]:
    """One line of a helper or a class that many tests share is told once, with how many."""
    told: dict[tuple[str, str, int, str], Weakening] = {}
    for one in found:
        spot = one.after if one.rule == "skip-added" and one.after.text.startswith("@") else one.before
        key = (one.rule, spot.path, spot.line, spot.text)
        seen = told.get(key)
        told[key] = one if seen is None else replace(seen, tests=seen.tests + (seen.test != one.test))
    return iter(told.values())


def difference(old: Sources, new: Sources, changed: Iterable[str]) -> Change:
    """Everything the rules look at."""
    paths = frozenset(changed)
    before, after = Revision(old), Revision(new)
    old_settings, new_settings = settings(old), settings(new)
    gone, renames, touched = _sources(before, after, paths, old_settings)
    before.renames.update(renames)
    read = _test_files(before, paths, old_settings, new_settings)
    known = parents(m.tree for p in sorted(paths | _error_files(after)) for m in (after.module(p),) if m)
    sides = (_side(before, old_settings, read), _side(after, new_settings, read))
    pairs, missing, same = _compared(*sides, known, paths)
    local = _first_party(old) | _first_party(new)
    return Change(
        before, after, old_settings, new_settings, pairs, missing, paths, gone, touched, local, same
    )


def _side(revision: Revision, found: Settings, paths: list[str]) -> _Side:
    return _Side(revision, found, [item for path in paths for item in items(revision, path, found)])


def _test_files(old: Revision, changed: frozenset[str], before: Settings, after: Settings) -> list[str]:
    """The changed files of the test tree; all that were collected, where other names are collected now."""
    paths = {p for p in changed if p.endswith(".py") and (_collected(p, before, after) or is_testing(p))}
    if (before.files, before.classes, before.functions) != (after.files, after.classes, after.functions):
        paths |= {p for p in old.sources if p.endswith(".py") and _collected(p, before, after)}
    return sorted(paths)[:_MOST_FILES]


def _collected(path: str, *given: Settings) -> bool:
    return any(matches_file(path, one) for one in given)


def _error_files(revision: Revision) -> set[str]:
    """Files that are likely to define the exceptions which tests wait for."""
    names = ("exceptions.py", "errors.py", "_exceptions.py")
    return {path for path in revision.sources if path.rpartition("/")[2] in names}


def _first_party(sources: Sources) -> frozenset[str]:
    tops = (
        p.removeprefix("src/").partition("/")[0].removesuffix(".py") for p in sources if p.endswith(".py")
    )
    return frozenset(tops) - {"tests", "test", "conftest", "setup", "docs", "noxfile"}


def _sources(
    old: Revision, new: Revision, changed: frozenset[str], found: Settings
) -> tuple[frozenset[str], dict[str, str], frozenset[str]]:
    """Names that are gone from the sources, names that were renamed, and the packages that were touched."""
    paths = [p for p in changed if p.endswith(".py") and not matches_file(p, found) and not is_testing(p)]
    before: dict[str, ast.AST] = {}
    after: dict[str, ast.AST] = {}
    for path in sorted(paths):
        for revision, names in ((old, before), (new, after)):
            if module := revision.module(path):
                names.update(defined(module.tree))
            stem = path.rpartition("/")[2].removesuffix(".py")
            if path in revision.sources and not stem.startswith("__"):
                names.setdefault(stem, ast.Pass())
    gone = before.keys() - after.keys()
    renames = _renamed({n: before[n] for n in gone}, {n: after[n] for n in after.keys() - before.keys()})
    touched = frozenset(p.removeprefix("src/").partition("/")[0].removesuffix(".py") for p in paths)
    return frozenset(gone - renames.keys()), renames, touched


def _renamed(gone: dict[str, ast.AST], come: dict[str, ast.AST]) -> dict[str, str]:
    """Definitions with another name and the same body."""
    bodies = {_body(node): name for name, node in come.items() if _body(node)}
    return {name: bodies[_body(node)] for name, node in gone.items() if _body(node) in bodies}


def _body(node: ast.AST) -> str:
    return (
        "\n".join(map(ast.unparse, node.body))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        else ""
    )


def _compared(
    old: _Side, new: _Side, known: Parents, changed: frozenset[str]
) -> tuple[tuple[Pair, ...], tuple[Missing, ...], int]:
    together, gone, come = pair(old.tests, new.tests)
    untouched = Untouched(old.revision, new.revision, changed)
    differing = [(a, b) for a, b in together if not untouched.same(a, b)]
    pairs = [_pair(a, b, old.revision, new.revision, known) for a, b in differing]
    fresh = {item.node: reading(item, new.revision, expand=True).checks for item in come}
    pool = [*(c for checks in fresh.values() for c in checks), *(c for p in pairs for c in p.gained)]
    pairs = [replace(p, lost=_not_moved(p.lost, pool, known)) for p in pairs]
    missing = [m for item in gone if (m := _missing(item, old, new, pool, known))]
    pairs += _helpers(old, new, known)
    return tuple(pairs), tuple(missing), len(together) - len(differing)


def _not_moved(lost: tuple[Lost, ...], pool: list[Check], known: Parents) -> tuple[Lost, ...]:
    """Without what another test, new or enlarged, asks of the same thing."""
    return tuple(one for one in lost if not found_in(one.check, pool, known))


def _pair(old: Item, new: Item, before: Revision, after: Revision, known: Parents) -> Pair:
    first, second = names_of(tables_of(old, before)), names_of(tables_of(new, after))
    expand = len(first) != len(second)
    one, other = reading(old, before, expand=expand), reading(new, after, expand=expand)
    found = match(one.checks, other.checks, known)
    return Pair(old, new, one, other, found.lost, found.gained, expand)


def _missing(item: Item, old: _Side, new: _Side, pool: list[Check], known: Parents) -> Missing | None:
    """A test without another; None where other tests make all its checks."""
    checks = reading(item, old.revision, expand=True).checks
    lost = [check for check in checks if not found_in(check, pool, known)]
    if (checks and not lost) or _copied(item, checks, new, known):
        return None
    became = _became(item, new)
    why = became.why_not if became else new.revision.broken.get(item.path, "")
    told = tuple(Lost(check) for check in lost)
    file_gone = item.path not in new.revision.sources
    return Missing(item, became, why, told, len(checks) - len(lost), len(checks), file_gone)


def _copied(item: Item, checks: tuple[Check, ...], new: _Side, known: Parents) -> bool:
    """Whether a test much like it makes all of its checks still."""
    own = fingerprint(item.function)
    klass = item.klass.name if item.klass else ""
    for other in new.tests:
        near = likeness(own, fingerprint(other.function))
        if near < _SAME_BODY or (other.klass.name if other.klass else "") != klass:
            continue
        made = reading(other, new.revision, expand=True).checks
        if (checks and all(found_in(check, made, known) for check in checks)) or (not checks and near > 0.95):
            return True
    return False


def _became(item: Item, new: _Side) -> Item | None:
    """The function it became that pytest does not take for a test."""
    own = fingerprint(item.function)
    best: tuple[float, Item] | None = None
    for other in new.items:
        if other.why_not and not is_fixture(other.function):
            score = likeness(own, fingerprint(other.function)) + 0.3 * (other.name == item.name)
            if score >= 0.75 and (best is None or score > best[0]):
                best = (score, other)
    return best[1] if best else None


def _helpers(old: _Side, new: _Side, known: Parents) -> Iterator[Pair]:
    """Asserting helpers and fixtures that are still there, before and after."""
    after = {item.node: item for item in new.items if item.why_not}
    for item in old.items:
        other = after.get(item.node) if item.why_not and item.function.name[:4] != "test" else None
        if other is None or not (asserts(item.function) or is_fixture(item.function)):
            continue
        one, two = reading(item, old.revision, expand=False), reading(other, new.revision, expand=False)
        found: Matched = match(one.checks, two.checks, known)
        yield Pair(item, other, one, two, found.lost, found.gained, helper=True)
