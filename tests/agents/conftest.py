"""What the tests of agents share: the small project of the tests of integrity."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integrity.shop import Project, made


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A package, an old test and a new one that is red."""
    return made(tmp_path / "shop")
