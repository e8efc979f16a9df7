"""Projects for the tests of this folder, and their end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .projects import Make, Project, made


@pytest.fixture
def project() -> Iterator[Make]:
    """Makes projects, and ends what they leave."""
    all_made: list[Project] = []

    def make(**changes: object) -> Project:
        all_made.append(made(**changes))  # type: ignore[arg-type]
        return all_made[-1]

    yield make
    for one in all_made:
        one.end()
