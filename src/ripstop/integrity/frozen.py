"""What a red set is frozen as: its tests with their reasons, its files by hash, and how pytest ran them.

Kept as one JSON file, outside version control (``.ripstop/red.json``). Who makes the tests pass has no
business with it; where they could reach it, keep it elsewhere and say so with ``--frozen``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ripstop.errors import UsageError
from ripstop.integrity.paths import running, top_level
from ripstop.integrity.red import Colour
from ripstop.integrity.witnessed import Witnessed
from ripstop.suite.touching import is_about_tests

FILE = ".ripstop/red.json"
SCHEMA = "ripstop-red/2"


@dataclass(frozen=True, slots=True)
class Frozen:
    """A red set.

    ``base`` is the commit it was red on, ``tests`` reasons by node id, ``where`` the files they are in.
    ``files`` are the digests of those and of what they load or read of the tests' folders, ``beside`` of what
    else is in these, ``product`` that of all others, ``running`` of what decides how pytest runs.
    ``suite`` are the node ids of all tests, ``top_level`` the names of the project's modules.
    """

    base: str
    tests: Mapping[str, str]
    where: tuple[str, ...]
    files: Mapping[str, str]
    beside: Mapping[str, str]
    product: str
    running: Mapping[str, str]
    plugins: tuple[str, ...]
    machinery: Mapping[str, str]
    suite: tuple[str, ...]
    top_level: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Names this very set: sixteen hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def text(self) -> str:
        return json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1, sort_keys=True) + "\n"


def freeze(
    base: str,
    project: Path,
    digests: Mapping[str, str],
    found: Witnessed,
    right: Iterable[Colour],
    suite: Iterable[str],
) -> Frozen:
    """A red set of a checkout whose files have these ``digests``, as a session found it."""
    tests = {one.nodeid: one.reason for one in right}
    loaded = {name for name in found.files if is_about_tests(name)}
    where = {found.collected[nodeid] for nodeid in tests}
    decide = running(project, sorted(digests))
    about = {
        name: was
        for name, was in sorted(digests.items())
        if (is_about_tests(name) or name in where) and name not in decide
    }
    return Frozen(
        base,
        tests,
        tuple(sorted(where)),
        {name: was for name, was in about.items() if name in loaded | where},
        {name: was for name, was in about.items() if name not in loaded | where},
        of_product(digests, where),
        decide,
        found.plugins,
        dict(found.machinery),
        tuple(sorted(suite)),
        tuple(sorted(top_level(digests))),
    )


def of_product(digests: Mapping[str, str], where: Collection[str]) -> str:
    """One digest of all files that are not about tests, nor ``where`` the frozen ones are."""
    rest = {name: was for name, was in digests.items() if not is_about_tests(name) and name not in where}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def load(path: Path) -> Frozen:
    """A red set from its file. Raises UsageError ``no-red-set``, ``bad-red-set``."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            "no-red-set", f"there is no red set at {path}", way_out="freeze one: ripstop red TEST..."
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError("bad-red-set", f"{path} cannot be read: {error}", way_out="freeze it anew") from None
    try:
        if document.pop("schema") != SCHEMA:
            raise KeyError("schema")
        lists = {name: tuple(document[name]) for name in ("where", "plugins", "suite", "top_level")}
        return Frozen(**{**document, **lists})
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            "bad-red-set", f"{path} is no red set: {error}", way_out="freeze it anew: ripstop red TEST..."
        ) from None
