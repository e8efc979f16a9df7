"""What installing would write, and what stands there already; the room's door. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ripstop.agents.recipes import marking
from ripstop.agents.recipes.marking import State
from ripstop.agents.recipes.source import Recipe, recipes
from ripstop.agents.recipes.targets import agents_md, claude, cursor, plugin, skills
from ripstop.agents.recipes.targets.written import Written
from ripstop.errors import UsageError

TARGETS: Mapping[str, Callable[[Iterable[Recipe]], Iterable[Written]]] = {
    "claude": claude.files,
    "agents": skills.files,
    "cursor": cursor.files,
    "agents-md": agents_md.files,
    "plugin": plugin.files,
}
_KEPT = (State.EDITED, State.FOREIGN)


@dataclass(frozen=True, slots=True)
class Planned:
    """One file: where it goes, what is there, the whole of what would be there.

    ``behind``: it is not what today's source makes; of an edited one, that the source has moved on since.
    """

    target: str
    name: str
    path: Path
    state: State
    text: str
    behind: bool

    def is_written(self, *, force: bool = False) -> bool:
        """Whether installing writes it. What a person changed is written with ``force`` alone."""
        return self.state is not State.CURRENT and (force or self.state not in _KEPT)


def planned(root: Path, only: Sequence[str] = ()) -> tuple[Planned, ...]:
    """Every file of these targets, of all where none is named. Raises UsageError."""
    known = recipes()
    return tuple(
        _plan(root.resolve(), target, one)
        for target, files in TARGETS.items()
        if not only or target in only
        for one in files(known)
    )


def installed(plans: Iterable[Planned]) -> tuple[Planned, ...]:
    """Those of targets of which anything of ours is there at all."""
    every = tuple(plans)
    ours = {one.target for one in every if one.state not in (State.MISSING, State.FOREIGN)}
    return tuple(one for one in every if one.target in ours)


def behind(plans: Iterable[Planned]) -> Iterator[Planned]:
    """What a check refuses: files that are missing, or made from another source than today's."""
    return (one for one in plans if one.behind)


def _plan(root: Path, target: str, file: Written) -> Planned:
    # Through a link: AGENTS.md is often one to another page, which is then what is written.
    path = (root / file.path).resolve()
    if not path.is_relative_to(root):
        raise UsageError(
            "outside",
            f"{file.path} leads out of {root}, to {path}",
            way_out="take the link away, or leave that target out with --only",
        )
    old = _read(path, file.path)
    state = marking.state(file.kind, old, file.text)
    moved = state is State.EDITED and old is not None and marking.outdated(file.kind, old, file.text)
    return Planned(
        target,
        file.path,
        path,
        state,
        marking.merged(file.kind, old, file.text),
        state in (State.MISSING, State.STALE) or moved,
    )


def _read(path: Path, name: str) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("unreadable", f"{name} cannot be read: {error}") from error
