"""What an agent may write in each phase of its work, and what it may never write. By paths alone.

An allow-list inside an agent's own tool is no gate: whatever may run pytest may write anything. These are
what the jail mounts writable, and what the difference is held against afterwards.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ripstop.errors import UsageError
from ripstop.suite.touching import is_about_tests

RED, GREEN, REFACTOR, TRIAGE = "red", "green", "refactor", "triage"
PHASES: Mapping[str, str] = {
    RED: "writes tests and nothing else; they must be red for the right reason",
    GREEN: "writes the code and nothing else; the frozen tests must pass as they are",
    REFACTOR: "writes the code and nothing else; the whole suite must stay green",
    TRIAGE: "writes nothing",
}
_NAMES = (
    "conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", "setup.cfg",
    "setup.py", "pyproject.toml", "noxfile.py", "sitecustomize.py", "usercustomize.py", "*.pth", "*.pyc",
    "*.pyo", "entry_points.txt", "requirements*.txt", "constraints*.txt", "*.lock", "package.json",
    "package-lock.json", "pnpm-lock.yaml", "npm-shrinkwrap.json", "tsconfig*.json", "vitest.config.*",
    "jest.config.*", "playwright.config.*", "Makefile", "Dockerfile*", ".gitattributes",
    ".gitignore", ".gitmodules", ".env*",
    "AGENTS.md", "CLAUDE.md", "GEMINI.md", ".cursorrules", ".pre-commit-config.yaml", ".gitlab-ci.yml",
    "bitbucket-pipelines.yml", ".coveragerc", ".mcp.json",
)  # fmt: skip
_FOLDERS = frozenset(
    {".git", ".github", ".gitlab", ".circleci", ".ci", ".claude", ".codex", ".cursor", ".agents", ".gemini",
     ".vscode", ".idea", ".ripstop", ".husky", "__pycache__", "node_modules", ".venv", "venv", ".tox", ".nox"}
)  # fmt: skip


def is_frozen(path: str) -> bool:
    """Whether nobody's agent may change a file in any phase."""
    parts = PurePosixPath(path).parts
    dist = any(part.endswith((".egg-info", ".dist-info")) for part in parts)
    return (
        dist or bool(_FOLDERS.intersection(parts)) or any(fnmatch.fnmatch(parts[-1], one) for one in _NAMES)
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """Which of a project's folders and files hold ``tests``, and which ``sources``; relative, as in git."""

    tests: tuple[str, ...]
    sources: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str], tests: Iterable[str] = (), sources: Iterable[str] = ()) -> Ground:
        """As a person says, else from where the project's files are. Raises UsageError ``no-tests``."""
        names = [name for name in names if not is_frozen(name)]
        found = tuple(tests) or tuple(sorted(_tops(names, of_tests=True)))
        if not found:
            raise UsageError("no-tests", "no folder of tests was found", way_out="name it: --tests tests")
        own = tuple(sources) or tuple(sorted(_tops(names, of_tests=False) - set(found)))
        return cls(found, own)

    def writable(self, phase: str) -> tuple[str, ...]:
        """The folders and files that a phase's agent may change."""
        return {RED: self.tests, GREEN: self.sources, REFACTOR: self.sources}.get(phase, ())

    def allows(self, phase: str, path: str) -> bool:
        """Whether a phase's agent may change, add or remove this very file."""
        if is_frozen(path) or not any(_within(path, one) for one in self.writable(phase)):
            return False
        return phase == RED or not any(_within(path, one) for one in self.tests)


def _within(path: str, place: str) -> bool:
    return PurePosixPath(path).is_relative_to(place)


def _tops(names: Iterable[str], *, of_tests: bool) -> set[str]:
    """The outermost folders whose files are tests, or are not; a file at the root stands for itself."""
    found = set()
    for name in names:
        parts = PurePosixPath(name).parts
        if is_about_tests(name) != of_tests:
            continue
        if of_tests:
            depth = next(
                (i for i, part in enumerate(parts[:-1]) if part in ("tests", "test", "__tests__")), None
            )
            found.add("/".join(parts[: depth + 1]) if depth is not None else name)
        elif name.endswith(
            (".py", ".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".go", ".rb", ".java", ".kt", ".sql")
        ):
            found.add(parts[0])
    return found
