"""Pages that a person may edit: only what stands between markers is rewritten.

    <!-- ripstop:begin NAME DIGEST -->
    ...
    <!-- ripstop:end NAME -->

The digest is of the lines between, so that an edit inside a region is seen before it would be lost. What
stands outside is the person's, and stays; so does the order of regions, and the absence of one taken out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ripstop.errors import UsageError

_BEGIN = re.compile(r"^<!-- ripstop:begin ([a-z-]+)(?: ([0-9a-f]{12}))? -->$")
_END = re.compile(r"^<!-- ripstop:end ([a-z-]+) -->$")


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of a page: a region where ``name`` is set, else a person's own."""

    text: str
    name: str = ""
    digest: str = ""

    @property
    def edited(self) -> bool:
        """Whether somebody wrote into this region since it was generated."""
        return bool(self.name and self.digest and self.digest != digest(self.text))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def fenced(name: str, text: str) -> str:
    """A region with its markers. ``text`` ends with a newline."""
    return f"<!-- ripstop:begin {name} {digest(text)} -->\n{text}<!-- ripstop:end {name} -->\n"


def parts(page: str, where: str) -> list[Part]:
    """A page cut at its markers. Raises UsageError (``page-markers``) where they do not pair."""
    found: list[Part] = []
    lines: list[str] = []
    name = kept = ""
    for number, line in enumerate(page.splitlines(keepends=True), 1):
        begun, ended = _BEGIN.match(line.rstrip()), _END.match(line.rstrip())
        if not begun and not ended:
            lines.append(line)
            continue
        known = {part.name for part in found}
        if (begun and (name or begun[1] in known)) or (ended and ended[1] != name):
            raise _unpaired(where, number)
        found.append(Part("".join(lines), name, kept))
        lines = []
        name, kept = (begun[1], begun[2] or "") if begun else ("", "")
    if name:
        raise _unpaired(where, page.count("\n"))
    found.append(Part("".join(lines)))
    return [part for part in found if part.text or part.name]


def merged(page: str, regions: Mapping[str, str], where: str) -> str:
    """A page with its regions as they are now. Raises UsageError.

    Slugs: ``page-markers``, ``page-not-generated`` (no region of ours in it), ``page-edited`` (somebody
    wrote inside one, and it would change).
    """
    cut = parts(page, where)
    if not any(part.name in regions for part in cut):
        raise UsageError(
            "page-not-generated",
            f"{where} has no generated region, and stays as it is",
            way_out="move it away, or choose another folder: --out FOLDER",
        )
    if lost := [part.name for part in cut if part.edited and part.text != regions.get(part.name, part.text)]:
        raise UsageError(
            "page-edited",
            f"{where} was edited inside a generated region, and stays as it is",
            details=[f"region {name}" for name in lost],
            way_out="move what you wrote outside the markers, or give it up with --force",
        )
    return "".join(_now(part, regions) for part in cut)


def forced(page: str, regions: Mapping[str, str], where: str) -> str:
    """The same, giving up what was written inside regions."""
    cut = [Part(part.text, part.name) for part in parts(page, where)]
    return merged("".join(_now(part, {}, bare=True) for part in cut), regions, where)


def _now(part: Part, regions: Mapping[str, str], *, bare: bool = False) -> str:
    if not part.name:
        return part.text
    if bare:
        return f"<!-- ripstop:begin {part.name} -->\n{part.text}<!-- ripstop:end {part.name} -->\n"
    return fenced(part.name, regions.get(part.name, part.text))


def _unpaired(where: str, line: int) -> UsageError:
    return UsageError(
        "page-markers",
        f"{where}:{line}: a generated region begins or ends where it should not",
        way_out="give each `ripstop:begin` its `ripstop:end`, or delete the page and let it be written anew",
    )
