"""Reads what the output plugin ``test_decoding`` prints, line by line. Sans-I/O.

The grammar, from contrib/test_decoding (one line is one field of a result row, so it may hold
line breaks)::

    BEGIN [xid] | COMMIT [xid]
    message: transactional: 0|1 prefix: P, sz: N content:C
    table S.T: INSERT: COLUMNS
    table S.T: UPDATE: [old-key: COLUMNS] new-tuple: COLUMNS
    table S.T: DELETE: COLUMNS
    table S.T[, S.T]...: TRUNCATE: [restart_seqs] [cascade] | (no-flags)
    COLUMNS = { name[type]:value }, a space before each; or (no-tuple-data)

Names are quoted as identifiers where they must be. Strings are quoted with doubled quotes, bit
strings are B'...', numbers and booleans stand bare, as do ``null`` and ``unchanged-toast-datum``
(so that the same words inside user text, which is quoted, cannot be taken for them). An old image
leaves NULL columns out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ripstop.errors import ExperimentError

PREFIX = "ripstop"
UNDO = "undo"
DDL = "ddl"
EMPTIED = "emptied"

Image = Mapping[str, str | None]

_NAME = r'(?:"(?:[^"]|"")*"|[a-z0-9_]+)'
_TYPE = r'(?:"(?:[^"]|"")*"|\[\]|[^"\[\]])*'
_TABLES = re.compile(rf"table ({_NAME}\.{_NAME}(?:, {_NAME}\.{_NAME})*): (INSERT|UPDATE|DELETE|TRUNCATE):")
_TABLE = re.compile(rf"({_NAME})\.({_NAME})")
_COLUMN = re.compile(rf" ({_NAME})\[({_TYPE})\]:(?:(B?)'([^']*(?:''[^']*)*)'|([^ ']+))")
_MESSAGE = re.compile(r"message: transactional: ([01]) prefix: (.*?), sz: (\d+) content:(.*)", re.DOTALL)
_OLD, _NEW, _NO_DATA = " old-key:", " new-tuple:", " (no-tuple-data)"
_UNCHANGED = "unchanged-toast-datum"


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row of one table before and after. ``kind`` is insert, update, delete or truncate.

    Values are the text the type's output function prints, None for NULL. ``complete`` is False
    where the server kept no old image of an update or a delete.
    """

    kind: str
    schema: str
    table: str
    old: Image | None = None
    new: Image | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Message:
    """A logical message; ours carry the prefix ``ripstop``."""

    prefix: str
    content: str
    transactional: bool


@dataclass(frozen=True, slots=True)
class Transaction:
    """One committed transaction: its row changes and our own messages in it, in order."""

    changes: tuple[RowChange, ...]
    notes: tuple[str, ...]

    @property
    def is_undo(self) -> bool:
        return UNDO in self.notes


def transactions(lines: Iterable[str]) -> Iterator[Transaction]:
    """Group lines by the transaction they were committed in. Raises ExperimentError on a bad line."""
    changes: list[RowChange] = []
    notes: list[str] = []
    for line in lines:
        if line.startswith("table "):
            changes += changes_of(line)
        elif line.startswith("message: "):
            message = message_of(line)
            if message.prefix == PREFIX and message.transactional:
                notes.append(message.content)
        elif line.startswith("COMMIT"):
            yield Transaction(tuple(changes), tuple(notes))
            changes, notes = [], []
        elif not line.startswith("BEGIN"):
            raise _unreadable(line)


def message_of(line: str) -> Message:
    """Read a ``message:`` line."""
    found = _MESSAGE.match(line)
    if found is None:
        raise _unreadable(line)
    return Message(found[2], found[4], transactional=found[1] == "1")


def changes_of(line: str) -> tuple[RowChange, ...]:
    """Read a ``table`` line: one change, or for TRUNCATE one for each table it names."""
    head = _TABLES.match(line)
    if head is None:
        raise _unreadable(line)
    tables = [(_unquote(one[1]), _unquote(one[2])) for one in _TABLE.finditer(head[1])]
    if head[2] == "TRUNCATE":
        return tuple(RowChange("truncate", schema, table) for schema, table in tables)
    schema, table = tables[0]
    return (_row_change(head[2].lower(), schema, table, line, head.end()),)


def _row_change(kind: str, schema: str, table: str, line: str, at: int) -> RowChange:
    types: dict[str, str] = {}
    old: dict[str, str | None] | None = None
    new: dict[str, str | None] | None = None
    if kind == "delete":
        old, at = _image(line, at, types)
    elif kind == "insert":
        new, at = _image(line, at, types)
    else:
        if line.startswith(_OLD, at):
            old, at = _image(line, at + len(_OLD), types)
            at = _expect(line, at, _NEW)
        new, at = _image(line, at, types, unchanged=old)
    if at != len(line):
        raise _unreadable(line)
    if kind != "insert" and old is not None and new is not None:
        old = {column: old.get(column) for column in new}
    return RowChange(kind, schema, table, old, new, types, complete=kind == "insert" or old is not None)


def _image(
    line: str, at: int, types: dict[str, str], *, unchanged: Image | None = None
) -> tuple[dict[str, str | None] | None, int]:
    if line.startswith(_NO_DATA, at):
        return None, at + len(_NO_DATA)
    image: dict[str, str | None] = {}
    while found := _COLUMN.match(line, at):
        column = _unquote(found[1])
        types[column] = found[2]
        image[column] = _value(found, column, unchanged)
        at = found.end()
    return image, at


def _value(found: re.Match[str], column: str, unchanged: Image | None) -> str | None:
    bare = found[5]
    if bare is None:
        return found[4].replace("''", "'")
    if bare == "null":
        return None
    if bare == _UNCHANGED:
        return None if unchanged is None else unchanged.get(column)
    return bare


def _expect(line: str, at: int, word: str) -> int:
    if not line.startswith(word, at):
        raise _unreadable(line)
    return at + len(word)


def _unquote(identifier: str) -> str:
    return identifier[1:-1].replace('""', '"') if identifier.startswith('"') else identifier


def _unreadable(line: str) -> ExperimentError:
    return ExperimentError("decoding-unreadable", f"cannot read a decoded change: {line[:200]!r}")
