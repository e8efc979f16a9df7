"""How names and values are written into statement text. Under standard_conforming_strings only."""

from __future__ import annotations

from collections.abc import Iterable


def literal(text: str | None) -> str:
    """A value as an untyped literal (chapter 4.1.2.1): the column it meets decides its type.

    No cast is written: one to ``character`` or ``bit`` without its length would cut the value.
    """
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def name(identifier: str) -> str:
    """A quoted identifier (chapter 4.1.1)."""
    return '"' + identifier.replace('"', '""') + '"'


def names(identifiers: Iterable[str]) -> str:
    """A list of quoted identifiers, with commas between."""
    return ", ".join(name(one) for one in identifiers)


def qualified(schema: str, table: str) -> str:
    """A table's name with its schema, quoted."""
    return f"{name(schema)}.{name(table)}"


def label(schema: str, table: str) -> str:
    """A table's name as people write it: qualified only outside ``public``."""
    return table if schema == "public" else f"{schema}.{table}"
