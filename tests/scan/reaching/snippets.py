"""Small projects written into a folder, read and followed: what their handler reaches."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

from ripstop.model.survey import Reach
from ripstop.scan.code import Codebase
from ripstop.scan.flow import flow
from ripstop.scan.javascript import reading as javascript
from ripstop.scan.python import reading as python

_FILE = re.compile(r"^(?:#|//) file: (\S+)\n", re.MULTILINE)


def read(folder: Path, source: str) -> Codebase:
    """A project of one file, ``app.py`` or ``app.ts``, or of those that ``# file: NAME`` lines begin."""
    first, *rest = _FILE.split(dedent(source).lstrip("\n"))
    named = dict(zip(rest[::2], rest[1::2], strict=True)) if rest else {}
    if first.strip():
        named[
            "app.ts" if re.search(r"^(import .* from|const |export )", first, re.MULTILINE) else "app.py"
        ] = first
    for name, text in named.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if any(path.suffix == ".py" for path in files):
        return python.read(folder, [path for path in files if path.suffix == ".py"])
    return javascript.read(folder, [path for path in files if path.suffix in (".ts", ".js")])


def reached(folder: Path, source: str, handler: str = "app.handle") -> tuple[Reach, ...]:
    """What the handler of such a project reaches."""
    return flow(handler, read(folder, source))


def operations(folder: Path, source: str) -> list[str]:
    """The operations of ``handle``, in order."""
    return [reach.operation for reach in reached(folder, source)]
