"""A PostgreSQL seam in front of a fresh database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ripstop.model.address import PostgresAddress

from .postgres_harness import Proxied, proxied


@pytest.fixture
def proxy(database: PostgresAddress) -> Iterator[Proxied]:
    """A seam that must still track every session when the test is over."""
    with proxied(database) as one:
        yield one
        assert one.call(lambda: one.seam.notes) == ()
