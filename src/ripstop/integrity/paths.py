"""Which files decide how tests are run, and what of them does. By names and contents, without running any."""

from __future__ import annotations

import configparser
import hashlib
import json
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

_WHOLE = frozenset(
    {"conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "entry_points.txt"}
)
_STARTED = frozenset({"sitecustomize", "usercustomize"})
_RUN = (".pth", ".pyc", ".pyo", ".so", ".pyd")
"""Python runs these by their place and name; a compiled module even where its source says otherwise."""
_SECTIONS = {"tox.ini": ("pytest",), "setup.cfg": ("tool:pytest", "options.entry_points")}


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes; of a symbolic link, of where it leads."""
    if path.is_symlink():
        return "link:" + hashlib.sha256(str(path.readlink()).encode()).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_run_by_name(name: str) -> bool:
    """Whether Python runs a file for where it is and what it is called: module, package or compiled.

    Case says nothing: there are disks that do not tell it apart.
    """
    parts = PurePosixPath(name.casefold()).parts
    return parts[-1].endswith(_RUN) or any(part.partition(".")[0] in _STARTED for part in parts)


def running(project: Path, names: Iterable[str]) -> dict[str, str]:
    """What decides how pytest runs, by path: digests; of shared files, of the parts that concern tests."""
    found = {}
    for name in names:
        path = project / name
        base = PurePosixPath(name).name.casefold()
        if base in _WHOLE or is_run_by_name(name):
            found[name] = digest(path)
        elif base in _SECTIONS or base == "pyproject.toml":
            found[name] = _of_parts(path, base)
    return found


def _of_parts(path: Path, base: str) -> str:
    """A digest of the parts of a shared file that concern tests; of all where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        parts = _toml(text) if base == "pyproject.toml" else _ini(text, _SECTIONS[base])
    except (OSError, ValueError, configparser.Error):
        return digest(path)
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _toml(text: str) -> object:
    document = tomllib.loads(text)
    tools = document.get("tool", {})
    return [tools.get("pytest"), tools.get("ripstop"), document.get("project", {}).get("entry-points")]


def _ini(text: str, sections: Iterable[str]) -> object:
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return {name: dict(parser[name]) for name in sections if parser.has_section(name)}


def top_level(names: Iterable[str]) -> frozenset[str]:
    """The modules and packages that a checkout puts before any installed one of the same name."""
    found = set()
    for name in names:
        parts = PurePosixPath(name).parts
        first, *rest = parts[1:] if parts[0] == "src" and len(parts) > 1 else parts
        if rest or first.endswith(".py"):
            found.add(first.removesuffix(".py"))
    return frozenset(found)


def shadowing(names: Iterable[str]) -> list[str]:
    """Those of some top-level names that the standard library or an installed distribution goes by."""
    installed = packages_distributions()
    return sorted(name for name in names if name in sys.stdlib_module_names or name in installed)
