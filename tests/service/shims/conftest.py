"""A stage for programs whose hosts are intercepted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ripstop.service.certificates import Authority

from .outbound_harness import Stage, staged


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    authority = Authority.create()
    with staged(tmp_path, authority) as one:
        yield one
    authority.close()
