"""What a revision's configuration tells pytest, read from the first file that configures it."""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ripstop.integrity.guard.nouns import Sources

FILES = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
COVERAGE_FILES = (".coveragerc", "pyproject.toml", "setup.cfg", "tox.ini")
_COMMENT = re.compile(r"\s+#.*$")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of pytest that bear on what is collected and what counts as failed.

    ``path`` is the file they are from, empty where nothing configures pytest.
    """

    path: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    fail_under: float = 0.0
    coverage_path: str = ""

    def lines(self, key: str) -> tuple[str, ...]:
        """A setting of several lines, comments left out."""
        value = self.values.get(key, ())
        lines = value.splitlines() if isinstance(value, str) else [str(one) for one in value]
        return tuple(
            line for one in lines if (line := _COMMENT.sub("", one).strip()) and not line.startswith("#")
        )

    def words(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A setting of several words, split as a shell would."""
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            return tuple(str(one) for one in value)
        return split(value)

    @property
    def files(self) -> tuple[str, ...]:
        return self.words("python_files", ("test_*.py", "*_test.py"))

    @property
    def classes(self) -> tuple[str, ...]:
        return self.words("python_classes", ("Test",))

    @property
    def functions(self) -> tuple[str, ...]:
        return self.words("python_functions", ("test",))

    @property
    def addopts(self) -> tuple[str, ...]:
        return self.words("addopts")

    def true(self, key: str) -> bool:
        return str(self.values.get(key, "")).lower() in ("true", "1", "yes", "on")


def split(value: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(value, comments=True))
    except ValueError:
        return tuple(value.split())


def settings(sources: Sources) -> Settings:
    """The settings of a revision, by pytest's own order of files (pytest reference, configuration files)."""
    found = Settings()
    for path in FILES:
        text = sources.get(path)
        if text is not None and (values := _values(path, text)) is not None:
            found = Settings(path, values)
            break
    for path in COVERAGE_FILES:
        text = sources.get(path)
        if text is not None and (under := _fail_under(path, text)):
            return Settings(found.path, found.values, under, path)
    return found


def _values(path: str, text: str) -> Mapping[str, Any] | None:
    if path.endswith(".toml"):
        tool = _toml(text).get("tool", {}).get("pytest", {})
        values = tool.get("ini_options", tool) if isinstance(tool, dict) else None
        return values or None
    section = "tool:pytest" if path == "setup.cfg" else "pytest"
    parsed = _ini(text)
    if parsed.has_section(section):
        return dict(parsed.items(section, raw=True))
    return {} if path.endswith("pytest.ini") else None


def _fail_under(path: str, text: str) -> float:
    if path.endswith(".toml"):
        value = _toml(text).get("tool", {}).get("coverage", {}).get("report", {}).get("fail_under", 0)
    else:
        section = "report" if path == ".coveragerc" else "coverage:report"
        value = _ini(text).get(section, "fail_under", raw=True, fallback="0")
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _ini(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.RawConfigParser()
    return parser
