"""Holds the guard against the labelled differences in ``guard_cases`` and tells how often it is right.

``python -m tests.integrity.guard_measure`` prints the table by class; ``-v`` names what it got wrong.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ripstop.integrity.guard.comparing import compare
from ripstop.model.weakening import Sure, Weakening

CASES = Path(__file__).parent / "guard_cases"
_TITLE = re.compile(r"^### (?P<title>.+) \| (?P<label>weak|honest)$")
_SIDE = re.compile(r"^(?P<side>---|\+\+\+|===)(?: (?P<path>\S+))?$")


@dataclass(frozen=True)
class Labelled:
    """One difference with its label: the files before and after."""

    group: str
    title: str
    weak: bool
    before: dict[str, str]
    after: dict[str, str]

    @property
    def changed(self) -> frozenset[str]:
        return frozenset(p for p in self.before | self.after if self.before.get(p) != self.after.get(p))


@dataclass(frozen=True)
class Judged:
    """What the guard said of one."""

    case: Labelled
    told: tuple[Weakening, ...]

    @property
    def alarmed(self) -> bool:
        """As the command does by default: what only asks for a look is no alarm."""
        return any(one.sure is not Sure.LOOK for one in self.told)

    @property
    def right(self) -> bool:
        return self.alarmed == self.case.weak


def cases(folder: Path = CASES) -> Iterator[Labelled]:
    """All labelled differences, file by file."""
    for path in sorted(folder.glob("*.txt")):
        yield from parsed(path.stem, path.read_text())


def parsed(group: str, text: str) -> Iterator[Labelled]:
    """The differences of one file. A side without a path is of the file before it; ``gone`` has no side."""
    for block in re.split(r"^(?=### )", text, flags=re.MULTILINE)[1:]:
        head, _, rest = block.partition("\n")
        title = _TITLE.match(head)
        assert title, head
        before, after = _sides(rest.splitlines())
        yield Labelled(group, title["title"], title["label"] == "weak", before, after)


def _sides(lines: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    sides: dict[str, dict[str, list[str]]] = {"---": {}, "+++": {}}
    path, into = "", []
    for line in lines:
        if not (mark := _SIDE.match(line)):
            for one in into:
                one.append(line)
            continue
        path = mark["path"] or path
        names = ("---", "+++") if mark["side"] == "===" else (mark["side"],)
        into = [] if path == "gone" else [sides[name].setdefault(path, []) for name in names]
    before, after = ({p: "\n".join(t).strip() + "\n" for p, t in sides[s].items()} for s in ("---", "+++"))
    return before, after


def judged(one: Labelled) -> Judged:
    return Judged(one, compare(one.before, one.after, one.changed))


def figures(results: Iterable[Judged]) -> tuple[float, float]:
    """Precision and recall."""
    counted = Counter((one.case.weak, one.alarmed) for one in results)
    hits, false, missed = counted[True, True], counted[False, True], counted[True, False]
    return hits / max(1, hits + false), hits / max(1, hits + missed)


def table(results: list[Judged]) -> Iterator[str]:
    """A row a class, then the figures."""
    yield f"{'class':<24} {'weak':>5} {'found':>6} {'honest':>7} {'alarms':>7}"
    for group in sorted({one.case.group for one in results}):
        rows = [one for one in results if one.case.group == group]
        weak = [one for one in rows if one.case.weak]
        honest = [one for one in rows if not one.case.weak]
        found, alarms = sum(one.alarmed for one in weak), sum(one.alarmed for one in honest)
        yield f"{group:<24} {len(weak):>5} {found:>6} {len(honest):>7} {alarms:>7}"
    precision, recall = figures(results)
    yield f"{len(results)} differences: precision {precision:.3f}, recall {recall:.3f}"


def main(arguments: list[str]) -> None:
    results = [
        judged(one) for one in cases(Path(arguments[-1]) if arguments and arguments[-1] != "-v" else CASES)
    ]
    print("\n".join(table(results)))
    for one in results:
        if "-v" in arguments and not one.right:
            print(f"\n{'missed' if one.case.weak else 'false alarm'}: {one.case.group}: {one.case.title}")
            for told in one.told:
                print(f"  {told.rule} {told.sure} {told.before} -> {told.after} ({told.why})")


if __name__ == "__main__":
    main(sys.argv[1:])
