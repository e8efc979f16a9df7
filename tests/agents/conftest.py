"""What the tests of agents share: the small project of the tests of integrity, and a place for others."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integrity.shop import Project, made


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A package, an old test and a new one that is red."""
    return made(tmp_path / "shop")


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that is not among the temporary ones, which a jail finds empty anyway."""
    ours = Path(__file__).parents[2] / ".ripstop"
    ours.mkdir(exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="elsewhere-", dir=ours)).resolve()
    yield place
    shutil.rmtree(place)
