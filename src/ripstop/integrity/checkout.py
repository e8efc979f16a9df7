"""A fresh checkout: a revision or the work tree as a commit would hold it, in a folder of its own.

Nothing ignored comes along: no compiled module, cache or leftover of an earlier run can speak for the code.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ripstop.errors import UsageError
from ripstop.integrity.repository import Repository, ask

WORK_TREE = ""
"""Stands for what is not committed yet, wherever a revision is asked for."""


@contextlib.contextmanager
def fresh(repository: Repository, revision: str = WORK_TREE, *, bring: Sequence[str] = ()) -> Iterator[Path]:
    """The project's folder in a new checkout, gone at the end.

    ``bring`` names ignored files or folders, relative to the project, that are linked into it
    (``node_modules``), or submodules: what is not under version control and cannot be made there. Of a folder
    that is there already, what is missing in it.
    Raises UsageError ``git-failed``, ``unknown-revision``, ``not-brought``.
    """
    place = Path(tempfile.mkdtemp(prefix="ripstop-checkout-")).resolve()
    try:
        top = place / repository.top.name
        ask(place, "clone", "--quiet", "--no-hardlinks", "--no-checkout", "--", str(repository.top), str(top))
        ask(top, "checkout", "--quiet", "--detach", repository.revision(revision or "HEAD"))
        if revision == WORK_TREE:
            _as_it_stands(repository, top)
        project = top / repository.prefix
        for name in bring:
            _link(repository.project / name, project / name)
        yield project
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _as_it_stands(repository: Repository, top: Path) -> None:
    """Make a checkout's files those of the work tree."""
    present = repository.present()
    committed = Repository(top, Path()).present()
    for name in set(committed) - set(present):
        (top / name).unlink()
    for name in present:
        source, target = repository.top / name, top / name
        if source.is_dir() and not source.is_symlink():
            continue  # A repository within: its files are its own.
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(target):
            target.unlink()
        shutil.copy2(source, target, follow_symlinks=False)


def _link(source: Path, target: Path) -> None:
    if not source.exists():
        raise UsageError(
            "not-brought",
            f"there is no {source} to bring along",
            way_out="name what is there, or leave it out",
        )
    if target.is_dir() and not target.is_symlink():
        if any(target.iterdir()):
            for one in source.iterdir():
                _link(one, target / one.name)
            return
        target.rmdir()  # As git leaves a submodule.
    if not os.path.lexists(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(source.resolve(), target_is_directory=source.is_dir())
