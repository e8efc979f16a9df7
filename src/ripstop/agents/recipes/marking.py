"""How a generated file knows itself, so that a person's edit is never taken for an old version of ours.

    Markdown   its last line is    <!-- ripstop:recipe DIGEST -->
    AGENTS.md  our part is between  <!-- ripstop:begin recipes DIGEST -->  and  <!-- ripstop:end recipes -->
    JSON       the manifest's version ends in  +DIGEST

The digest is of all the rest of the file, or of the lines between.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

_LAST = re.compile(r"<!-- ripstop:recipe ([0-9a-f]{12}) -->\n?\Z")
_BLOCK = re.compile(
    r"^<!-- ripstop:begin recipes ([0-9a-f]{12}) -->\n(.*?)^<!-- ripstop:end recipes -->\n?",
    re.MULTILINE | re.DOTALL,
)
_VERSION = re.compile(r'(?<="version": ")([^"+]*)\+([0-9a-f]{12})(?=")')


class Kind(StrEnum):
    """How a file is marked."""

    MARKDOWN = "markdown"
    BLOCK = "block"
    MANIFEST = "manifest"


class State(StrEnum):
    """What there is where a generated file belongs. ``foreign``: somebody else's file of that name."""

    MISSING = "missing"
    CURRENT = "current"
    STALE = "stale"
    EDITED = "edited"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Marked:
    """What a file says of itself: the digest it carries and the one it has."""

    carried: str
    has: str


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def markdown(text: str) -> str:
    """A page with its mark. ``text`` ends with a newline."""
    return f"{text}\n<!-- ripstop:recipe {digest(text)} -->\n"


def block(text: str) -> str:
    """Our part of a page that is otherwise a person's."""
    return f"<!-- ripstop:begin recipes {digest(text)} -->\n{text}<!-- ripstop:end recipes -->\n"


def manifest(text: str) -> str:
    """A JSON document with its mark in the version it states (semver.org, 10: build metadata)."""
    return re.sub(r'(?<="version": ")([^"]*)(?=")', rf"\1+{digest(text)}", text, count=1)


def state(kind: Kind, old: str | None, fresh: str) -> State:
    """How a file that is there stands to the one that would be written."""
    if old is None:
        return State.MISSING
    found = _READERS[kind](old)
    if found is None:
        return State.MISSING if kind is Kind.BLOCK else State.FOREIGN
    if found.carried != found.has:
        return State.EDITED
    wanted = _READERS[kind](fresh)
    return State.CURRENT if wanted and wanted.carried == found.carried else State.STALE


def outdated(kind: Kind, old: str, fresh: str) -> bool:
    """Whether what a person edited was once made from another source than today's."""
    found, wanted = _READERS[kind](old), _READERS[kind](fresh)
    return bool(found and wanted and found.carried != wanted.carried)


def merged(kind: Kind, old: str | None, fresh: str) -> str:
    """The whole file as it is to be: for a block, the person's page with our part in its place."""
    if kind is not Kind.BLOCK or not old:
        return fresh
    if _BLOCK.search(old):
        return _BLOCK.sub(lambda _: fresh, old, count=1)
    return f"{old.rstrip()}\n\n{fresh}"


def _of_markdown(text: str) -> Marked | None:
    found = _LAST.search(text)
    return Marked(found[1], digest(text[: found.start()].removesuffix("\n"))) if found else None


def _of_block(text: str) -> Marked | None:
    found = _BLOCK.search(text)
    return Marked(found[1], digest(found[2])) if found else None


def _of_manifest(text: str) -> Marked | None:
    found = _VERSION.search(text)
    return Marked(found[2], digest(_VERSION.sub(r"\1", text, count=1))) if found else None


_READERS: Mapping[Kind, Callable[[str], Marked | None]] = {
    Kind.MARKDOWN: _of_markdown,
    Kind.BLOCK: _of_block,
    Kind.MANIFEST: _of_manifest,
}
