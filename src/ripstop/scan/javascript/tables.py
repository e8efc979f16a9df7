"""The tables that a project's code declares, by whichever library."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ripstop.scan.code import Table
from ripstop.scan.javascript import drizzle, prisma
from ripstop.scan.javascript.names import Names


def tables_of(root: Path, names: Names) -> Mapping[str, Table]:
    """Every table by the symbol that stands for it."""
    found = [*drizzle.tables(names), *prisma.tables(root, names.files.paths)]
    return {table.symbol: table for table in found}
