"""A stage for programs whose hosts are intercepted, and the Node packages some of them use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ripstop.service.certificates import Authority

from ... import packages
from .outbound_harness import Stage, staged

PACKAGES = Path(__file__).with_name("node") / "package.json"


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    one = Authority.create()
    yield one
    one.close()


@pytest.fixture
def stage(tmp_path: Path, authority: Authority) -> Iterator[Stage]:
    with staged(tmp_path, authority) as one:
        yield one


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The packages of ``node/package.json``."""
    return packages.node_modules(PACKAGES)


@pytest.fixture
def node_stage(stage: Stage, node_modules: Path) -> Stage:
    """A stage whose Node programs find those packages."""
    (stage.folder / "node_modules").symlink_to(node_modules)
    return stage
