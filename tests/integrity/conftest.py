"""What the tests of integrity share: the small project."""

from __future__ import annotations

from pathlib import Path

import pytest

from .shop import Project, made


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """Nothing but the plain: a package, an old test and a new one that is red."""
    return made(tmp_path / "shop")
