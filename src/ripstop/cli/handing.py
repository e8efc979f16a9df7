"""What ``gate`` and ``tdd`` hand back, and how refusals are told, by rule: for ``green`` as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TextIO

from ripstop.cli.store import write_private
from ripstop.integrity.frozen import FILE, Frozen
from ripstop.integrity.green import Refusal
from ripstop.integrity.repository import Repository
from ripstop.report.text import clean


def keep(repo: Repository, name: str, patch: bytes, red: Frozen | None, *, apply: bool) -> None:
    """Put what was accepted where later commands look for it, byte by byte; nothing where it is empty.

    Raises UsageError ``git-failed`` where it cannot be applied.
    """
    if not patch:
        return
    write_private(repo.project, name, patch)
    if red:
        write_private(repo.project, Path(FILE).name, red.text)
    if apply:
        repo.ask("apply", "--whitespace=nowarn", str(repo.project / ".ripstop" / name))


def tell(refusals: Iterable[Refusal], rules: Mapping[str, str], stream: TextIO, indent: str = "") -> None:
    """Each rule once, with what it says, and every place that breaks it."""
    places: dict[str, list[str]] = {}
    for one in refusals:
        said = f": {clean(one.said)}" if one.said else ""
        places.setdefault(one.rule, []).append(f"{indent}    {clean(one.place)}{said}\n")
    stream.writelines(f"{indent}✗ {rule}: {rules[rule]}\n{''.join(lines)}" for rule, lines in places.items())
