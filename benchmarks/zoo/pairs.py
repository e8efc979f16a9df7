"""A pair: one service with one planted bug, its corrected twin, and what its pair.toml says of them.

Reading and checking only. Where a pair is laid out, run and judged is told elsewhere.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "pairs"
SIDES = ("bug", "twin")
_TEXTS = ("title", "story", "stack")
_KNOWN = {*_TEXTS, "codes", "at", "blind", "first_run"}


class PairError(ValueError):
    """A pair cannot be read, or none has such a name; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """``codes``: any of them is the bug. ``at``: the operation that the finding must name, at a
    seam or as the caller's request; empty for any.

    ``stack`` is ``framework/driver``. ``first_run`` is the honest outcome of the very first exploration,
    empty while there was none.
    """

    folder: Path
    title: str
    story: str
    stack: str
    codes: tuple[str, ...]
    at: str = ""
    blind: bool = False
    first_run: str = ""

    @property
    def name(self) -> str:
        return self.folder.name

    def planted(self, side: str) -> dict[str, str]:
        """The text of every file laid over the shared project on one side, by its path there."""
        root = self.folder / side
        files = (
            path for path in sorted(root.rglob("*")) if path.is_file() and "__pycache__" not in path.parts
        )
        return {str(path.relative_to(root)): path.read_text() for path in files}

    def changed_lines(self) -> int:
        """How many lines the mend takes: the longer side of each changed place, summed."""
        bug, twin = (self.planted(side) for side in SIDES)
        return sum(_changed(bug.get(name, ""), twin.get(name, "")) for name in {*bug, *twin})


def read(folder: Path) -> Pair:
    """One pair from its folder. Raises PairError."""
    where = f"{folder.name}/pair.toml"
    try:
        told = tomllib.loads((folder / "pair.toml").read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PairError(f"{where}: {error}") from error
    if wrong := list(_wrong(told)):
        raise PairError(f"{where}: {'; '.join(wrong)}")
    if missing := [part for part in ("project", *SIDES) if not (folder / part).is_dir()]:
        raise PairError(f"{folder.name}: no folder {', '.join(missing)}")
    return Pair(folder, **{**told, "codes": tuple(told["codes"])})


def chosen(names: Sequence[str] = (), folder: Path = FOLDER) -> list[Pair]:
    """All pairs in order of name, or those named. Raises PairError."""
    there = sorted(path.parent.name for path in folder.glob("*/pair.toml"))
    if unknown := [name for name in names if name not in there]:
        raise PairError(f"no pair {', '.join(unknown)}; there are: {', '.join(there)}")
    return [read(folder / name) for name in there if name in names or not names]


def _wrong(told: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(set(told) - _KNOWN):
        yield f"{key!r} is no key; known: {', '.join(sorted(_KNOWN))}"
    for key in _TEXTS:
        if not isinstance(told.get(key), str) or not told[key].strip():
            yield f"{key} must be a text"
    codes = told.get("codes")
    if not isinstance(codes, list) or not codes or not all(isinstance(code, str) for code in codes):
        yield 'codes must be a list such as ["RS203"]'
    if not isinstance(told.get("blind", False), bool):
        yield "blind must be true or false"
    for key in ("at", "first_run"):
        if not isinstance(told.get(key, ""), str):
            yield f"{key} must be a text"


def _changed(bug: str, twin: str) -> int:
    matcher = difflib.SequenceMatcher(None, bug.splitlines(), twin.splitlines(), autojunk=False)
    return sum(max(b - a, d - c) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal")
