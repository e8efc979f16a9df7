"""Small projects written into a folder, read and followed: what their handler reaches."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent, indent

from ripstop.model.survey import Reach
from ripstop.scan.code import Codebase
from ripstop.scan.flow import flow
from ripstop.scan.javascript import reading as javascript
from ripstop.scan.python import reading as python

_FILE = re.compile(r"^(?:#|//) file: (\S+)\n", re.MULTILINE)
_JAVASCRIPT = re.compile(r"^(import .* from|const |export )", re.MULTILINE)


def read(folder: Path, source: str) -> Codebase:
    """A project of one file, ``app.py`` or ``app.ts``, or of those that ``# file: NAME`` lines begin."""
    first, *rest = _FILE.split(dedent(source).lstrip("\n"))
    named = dict(zip(rest[::2], rest[1::2], strict=True))
    if first.strip():
        named["app.ts" if _JAVASCRIPT.search(first) else "app.py"] = first
    for name, text in named.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    files = [folder / name for name in sorted(named)]
    return (python if files[0].suffix == ".py" else javascript).read(folder, files)


def reached(folder: Path, source: str, handler: str = "app.handle") -> tuple[Reach, ...]:
    """What the handler of such a project reaches."""
    return flow(handler, read(folder, source))


def within(before: str, body: str, *, of: str = "x") -> str:
    """A handler ``handle`` with that body, after the declarations in ``before``."""
    if _JAVASCRIPT.search(before):
        return f"{dedent(before)}\nexport async function handle({of}) {{\n{dedent(body)}\n}}\n"
    return f"{dedent(before)}\nasync def handle({of}):\n{indent(dedent(body).strip(), '    ')}\n"


def operations(folder: Path, before: str, body: str, *, of: str = "x") -> list[str]:
    """The operations of such a handler, in order, with ``!`` for those inside a transaction."""
    told = reached(folder, within(before, body, of=of))
    return [reach.operation + "!" * reach.in_transaction for reach in told]
