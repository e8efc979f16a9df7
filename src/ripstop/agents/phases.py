"""What an agent may write in each phase of its work, and what it may never write. By paths alone.

An allow-list inside an agent's own tool is no gate: whatever may run pytest may write anything. These are
what the jail mounts writable, and what the difference is held against afterwards.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ripstop.errors import UsageError
from ripstop.integrity.paths import is_run_by_name
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
    "setup.py", "pyproject.toml", "noxfile.py", "entry_points.txt", "requirements*.txt",
    "constraints*.txt", "*.lock", "package.json", "package-lock.json", "pnpm-lock.yaml",
    "npm-shrinkwrap.json", "tsconfig*.json", "vitest.config.*", "jest.config.*", "playwright.config.*",
    "Makefile", "Dockerfile*", ".gitattributes", ".gitignore", ".gitmodules", ".env*",
    "AGENTS.md", "CLAUDE.md", "GEMINI.md", ".cursorrules", ".pre-commit-config.yaml", ".gitlab-ci.yml",
    "bitbucket-pipelines.yml", ".coveragerc", ".mcp.json",
)  # fmt: skip
_FOLDERS = frozenset(
    {".git", ".github", ".gitlab", ".circleci", ".ci", ".claude", ".codex", ".cursor", ".agents", ".gemini",
     ".vscode", ".idea", ".ripstop", ".husky", "__pycache__", "node_modules", ".venv", "venv", ".tox", ".nox"}
)  # fmt: skip

_TESTS = ("tests", "test", "__tests__")
_CODE = (".py", ".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".go", ".rb", ".java", ".kt", ".sql")


def is_frozen(path: str) -> bool:
    """Whether nobody's agent may change a file in any phase, in whatever case its name is written."""
    parts = PurePosixPath(path.casefold()).parts
    dist = any(part.endswith((".egg-info", ".dist-info")) for part in parts)
    named = any(fnmatch.fnmatchcase(parts[-1], one.casefold()) for one in _NAMES)
    return dist or named or bool(_FOLDERS.intersection(parts)) or is_run_by_name(path)


@dataclass(frozen=True, slots=True)
class Ground:
    """Which of a project's folders and files hold ``tests``, and which ``sources``; relative, as in git.

    A folder may be both: in it, and at the top (``.``), tests are known by their names.
    """

    tests: tuple[str, ...]
    sources: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str], tests: Iterable[str] = (), sources: Iterable[str] = ()) -> Ground:
        """As a person says, else from where the project's files are. Raises UsageError ``no-tests``."""
        names = [name for name in names if not is_frozen(name)]
        found = tuple(tests) or tuple(sorted({_of_tests(one) for one in names if is_about_tests(one)}))
        if not found:
            raise UsageError("no-tests", "no folder of tests was found", way_out="name it: --tests tests")
        code = [one for one in names if one.endswith(_CODE) and not is_about_tests(one)]
        own = {_top(one) for one in code} | {*_mixed(found, code)}
        return cls(found, tuple(sources) or tuple(sorted(own - {*tests})))

    def writable(self, phase: str) -> tuple[str, ...]:
        """The folders and files that a phase's agent may change."""
        return {RED: self.tests, GREEN: self.sources, REFACTOR: self.sources}.get(phase, ())

    def allows(self, phase: str, path: str) -> bool:
        """Whether a phase's agent may change, add or remove this very file."""
        if is_frozen(path) or not any(_within(path, one) for one in self.writable(phase)):
            return False
        return self._is_test(path) == (phase == RED)

    def _is_test(self, path: str) -> bool:
        """By the nearest folder that is said to hold either; by its name where that is both, or the top."""
        tests, sources = _nearest(path, self.tests), _nearest(path, self.sources)
        by_name = tests == sources or (tests == 0 and sources < 0)
        return is_about_tests(path) if by_name else tests > sources


def _within(path: str, place: str) -> bool:
    return PurePosixPath(path).is_relative_to(place)


def _nearest(path: str, places: Iterable[str]) -> int:
    """How deep the innermost of these places lies that a path is in: 0 the top, -1 none."""
    return max((len(PurePosixPath(one).parts) for one in places if _within(path, one)), default=-1)


def _of_tests(name: str) -> str:
    """The folder that a test stands for: the outermost called so, else its own."""
    folders = PurePosixPath(name).parts[:-1]
    depth = next((i for i, part in enumerate(folders, 1) if part in _TESTS), len(folders))
    return "/".join(folders[:depth]) or "."


def _top(name: str) -> str:
    """The outermost folder of a file of code; ``.`` where that is the project's own."""
    first, *rest = PurePosixPath(name).parts
    return first if rest else "."


def _mixed(tests: Iterable[str], code: Iterable[str]) -> Iterator[str]:
    """Folders that hold tests and code alike. The top is one by the code that lies in it alone."""
    code = list(code)
    for place in tests:
        alone = place == "." or PurePosixPath(place).name in _TESTS
        if not alone and any(_within(one, place) for one in code):
            yield place
