"""The door: Python files to a Codebase. Every file is parsed once; nothing is imported or run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ripstop.model.survey import Place, Unread
from ripstop.scan.code import Codebase, Shape, Table, Value
from ripstop.scan.python import tables_django, tables_sqlalchemy
from ripstop.scan.python.functions import Reading
from ripstop.scan.python.modules import (
    Assigned,
    ClassDefinition,
    Module,
    bind_globals,
    indexed,
    kept_on_state,
)
from ripstop.scan.python.naming import MARKS, Names, named
from ripstop.scan.python.parsing import content, parsed
from ripstop.scan.python.project import Project
from ripstop.scan.python.relevance import LARGE_BYTES, needed


def read(root: Path, files: Sequence[Path]) -> Codebase:
    """What the Python files below ``root`` tell. Raises nothing: what cannot be read is in ``unread``.

    Of a repository with more than LARGE_BYTES of Python, files that no service imports are left out.
    """
    paths = {_relative(root, path): path for path in files}
    names = named(paths, _marked(root, paths))
    project = Project(names)
    reading = Reading(project)
    project.evaluate, project.summarise = reading.evaluate, reading.summarise
    unread = list(_load(project, names, paths))
    for module in project.modules.values():
        reading.read_module(module)
    found = Codebase(
        tables=_tables(project),
        functions=dict(sorted(reading.functions.items(), key=lambda one: one[1].place)),
        constants=_constants(project),
        bases=_bases(project),
        unread=tuple(unread + reading.unread),
        files=len(paths),
    )
    reading.forget()
    return found


def _relative(root: Path, path: Path) -> str:
    whole, start = path.as_posix(), root.as_posix().rstrip("/") + "/"
    if whole.startswith(start):
        return whole[len(start) :]
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else whole


def _marked(root: Path, paths: dict[str, Path]) -> list[str]:
    """The directories, relative to the root, where a program's imports may start."""
    directories = {parent for name in paths for parent in _parents(name)}
    return [one for one in sorted(directories) if any((root / one / mark).exists() for mark in MARKS)]


def _parents(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def _load(project: Project, names: Names, paths: dict[str, Path]) -> Iterator[Unread]:
    texts: dict[str, bytes] = {}
    for name, path in paths.items():
        text = content(path, name)
        if isinstance(text, Unread):
            yield text
        else:
            texts[name] = text
    large = sum(map(len, texts.values())) > LARGE_BYTES
    for name in needed(texts, names) if large else list(texts):
        text = texts.pop(name)
        tree = parsed(text, name)
        if isinstance(tree, Unread):
            yield tree
            continue
        try:
            module = indexed(names.by_file[name], name, tree)
        except RecursionError:
            yield Unread(Place(name, 1), "it is nested too deeply")
            continue
        if b"global " in text:
            bind_globals(module)
        project.add(module)
        _note(project, module, text)


def _note(project: Project, module: Module, text: bytes) -> None:
    """Remember what is looked for by name alone: Django's settings, and what is kept on ``state``."""
    if "INSTALLED_APPS" in module.bound or "ROOT_URLCONF" in module.bound:
        project.settings.append(module.name)
    for name, assigned in kept_on_state(module) if b".state." in text or b"flask" in text else ():
        project.shared.setdefault(name, (assigned, module))


def _constants(project: Project) -> dict[str, Value]:
    for name, symbol in list(project.symbols.items()):
        if isinstance(symbol, Assigned):
            project.constant(name)
    return {name: value for name, value in project.values.items() if value.shape is not Shape.UNKNOWN}


def _tables(project: Project) -> dict[str, Table]:
    """Tables by the dotted name of what stands for them."""
    found = [*tables_sqlalchemy.tables(project), *tables_django.tables(project)]
    return {table.symbol: table for table in found}


def _bases(project: Project) -> dict[str, tuple[str, ...]]:
    classes = [name for name, symbol in project.symbols.items() if isinstance(symbol, ClassDefinition)]
    return {name: project.bases(name) for name in classes}
