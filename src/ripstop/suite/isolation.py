"""State reset around every test that uses the service: a mark before its own fixtures, undo after them.

The mark is taken after session- and module-scoped fixtures were built and before the first
function-scoped one, so that shared rows stay and a test's own rows go, its tear-down included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ripstop.suite.workflows import uses_rig

if TYPE_CHECKING:
    from ripstop.rig.rig import Rig

_MARKED = pytest.StashKey[bool]()


def mark_before_own_fixtures(rig: Rig, item: pytest.Item) -> None:
    """Take the item's mark, once, and have everything after it undone when the item is torn down."""
    if item.stash.get(_MARKED, False) or not uses_rig(item):
        return
    item.stash[_MARKED] = True
    rig.settle()
    rig.mark()
    item.addfinalizer(lambda: _undo(rig, item))


def undo_residue(rig: Rig) -> None:
    """Before a test's fixtures: what came in late after the last reset was nobody's to keep."""
    rig.settle()
    rig.reset()


def _undo(rig: Rig, item: pytest.Item) -> None:
    item.stash[_MARKED] = False
    rig.heal()
    rig.revive()
    if rig.settle():
        rig.restart()
    rig.reset()
