"""What the guard reads: a revision's files."""

from __future__ import annotations

from collections.abc import Mapping

Sources = Mapping[str, str]
"""A revision's files: path with slashes to text. It may read lazily; what it cannot read it does not hold."""
