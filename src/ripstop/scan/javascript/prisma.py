"""Tables declared in a Prisma schema, read line by line: ``model``, its fields, ``@map`` and ``@@map``.

Facts from Prisma's schema reference: a model's table is its name unless ``@@map`` says otherwise; a field
of a model's type is a relation and no column; ``?`` makes a field optional.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.model.survey import Place
from ripstop.scan.code import Column, Table

_OPENING = re.compile(r"^\s*(model|view)\s+(\w+)\s*\{")
_FIELD = re.compile(r"^\s*(\w+)\s+(\w+)(\[\])?(\?)?(.*)$")
_MAP = re.compile(r'@map\(\s*(?:name:\s*)?"([^"]+)"')
_TABLE_MAP = re.compile(r'@@map\(\s*(?:name:\s*)?"([^"]+)"')
_RELATION = re.compile(r"@relation\(.*?fields:\s*\[(\w+)[^\]]*\],\s*references:\s*\[(\w+)")
_LIMIT_BYTES = 1_000_000
_MOST_FILES = 100


@dataclass(slots=True)
class _Model:
    name: str
    place: Place
    table: str
    fields: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    relations: list[tuple[str, str, str]] = field(default_factory=list)


def tables(root: Path, paths: Iterable[str]) -> Iterator[Table]:
    """The models of every schema beside the code; each by the name the client has it: ``prisma.order``."""
    models = {model.name: model for path in _schemas(root, paths) for model in _models(root, path)}
    for model in models.values():
        references = {own: (kind, other) for own, kind, other in model.relations}
        columns = []
        for name, (column, kind, required) in model.fields.items():
            if kind in models:
                continue
            target = ""
            if name in references and references[name][0] in models:
                other = models[references[name][0]]
                there = other.fields.get(references[name][1], (references[name][1], "", False))[0]
                target = f"{other.table}.{there}"
            columns.append(Column(column, kind.lower(), required, target))
        symbol = f"prisma.{model.name[0].lower()}{model.name[1:]}"
        yield Table(model.table, symbol, model.place, tuple(columns))


def _schemas(root: Path, paths: Iterable[str]) -> Iterator[str]:
    folders = {""}
    for path in paths:
        folder = posixpath.dirname(path)
        while folder and folder not in folders:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    found: set[str] = set()
    for folder in sorted(folders):
        for below in ("", "prisma", "prisma/schema", "prisma/models"):
            place = root / folder / below
            if len(found) < _MOST_FILES and place.is_dir():
                found |= {one.relative_to(root).as_posix() for one in place.glob("*.prisma")}
    yield from sorted(found)


def _models(root: Path, path: str) -> Iterator[_Model]:
    try:
        if (root / path).stat().st_size > _LIMIT_BYTES:
            return
        lines = (root / path).read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    model: _Model | None = None
    for number, line in enumerate(lines, 1):
        written = line.partition("//")[0].rstrip()
        opening = _OPENING.match(written)
        if opening:
            model = _Model(opening[2], Place(path, number, opening[2]), opening[2])
        elif model is not None and written.strip() == "}":
            yield model
            model = None
        elif model is not None:
            _read(model, written)


def _read(model: _Model, line: str) -> None:
    if line.lstrip().startswith("@@"):
        if mapped := _TABLE_MAP.search(line):
            model.table = mapped[1]
        return
    found = _FIELD.match(line)
    if not found:
        return
    name, kind, many, optional, rest = found.groups()
    mapped = _MAP.search(rest)
    relation = _RELATION.search(rest)
    if relation:
        model.relations.append((relation[1], kind, relation[2]))
    if relation or "@relation" in rest or many:
        return
    required = not optional and "@default" not in rest and "@updatedAt" not in rest
    model.fields[name] = (mapped[1] if mapped else name, kind, required)
