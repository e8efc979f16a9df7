"""What the rules look at beside a failure: its sources, and how the same test went in other runs."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.model.triage import Failure, Frame, Outcome, Run

_FOLDERS = frozenset({"tests", "test", "__tests__", "spec", "e2e"})
_INSTALLED = ("site-packages", "node_modules", "dist-packages", "/lib/python", "<frozen", "<string>", "node:")
_LIMIT_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Context:
    """One failure in its surroundings. ``again`` are its outcomes in all runs, by how they ran."""

    root: Path
    failure: Failure
    again: Mapping[str, Outcome] = field(default_factory=dict)
    together: int = 1

    @property
    def own(self) -> tuple[Frame, ...]:
        """The frames in files of the project, outermost first."""
        return tuple(one for one in self.failure.frames if self.is_own(one.file))

    @property
    def innermost(self) -> Frame | None:
        return self.own[-1] if self.own else None

    @property
    def in_test(self) -> bool:
        """Whether it went wrong in the tests' own code."""
        return self.innermost is not None and is_test(self.relative(self.innermost.file))

    @property
    def in_product(self) -> bool:
        return self.innermost is not None and not is_test(self.relative(self.innermost.file))

    def is_own(self, file: str) -> bool:
        if any(word in file for word in _INSTALLED):
            return False
        path = Path(file)
        return not path.is_absolute() or path.is_relative_to(self.root) or not path.is_relative_to(sys.prefix)

    def relative(self, file: str) -> str:
        path = Path(file)
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else file

    def source(self, frame: Frame | None = None) -> str:
        """The file of a frame, of the test where none is given; empty where it is not in the project."""
        file = (
            frame.file
            if frame
            else next((one.file for one in self.own if is_test(self.relative(one.file))), "")
        )
        try:
            path = (self.root / (file or self.failure.file or "-")).resolve()
            if not path.is_relative_to(self.root.resolve()) or path.stat().st_size > _LIMIT_BYTES:
                return ""
            return path.read_text(encoding="utf-8", errors="replace")
        except (OSError, ValueError, RuntimeError):
            return ""

    def line(self, frame: Frame | None) -> str:
        """The text of a frame's line."""
        lines = self.source(frame).splitlines() if frame else []
        return lines[frame.line - 1].strip() if frame and 0 < frame.line <= len(lines) else ""

    @property
    def body(self) -> str:
        """The test function's own lines, as far as they can be found; else the whole file."""
        text = self.source()
        name = re.split(r"::| > ", self.failure.test)[-1].partition("[")[0]
        lines = text.splitlines()
        start = next(
            (
                i
                for i, one in enumerate(lines)
                if re.search(rf"def {re.escape(name)}\b|['\"`]{re.escape(name)}['\"`]", one)
            ),
            None,
        )
        if start is None:
            return text
        depth = len(lines[start]) - len(lines[start].lstrip())
        end = next(
            (
                i
                for i, one in enumerate(lines[start + 1 :], start + 1)
                if one.strip()
                and len(one) - len(one.lstrip()) <= depth
                and not one.strip().startswith((")", "}", "]"))
            ),
            len(lines),
        )
        return "\n".join(lines[start:end])


def is_test(path: str) -> bool:
    """Whether a file is of the tests, by the conventions of pytest, Vitest and Jest."""
    *folders, name = Path(path).parts or ("",)
    named = name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
    return (
        named
        or bool(re.search(r"\.(test|spec)\.[cm]?[jt]sx?$", name))
        or bool(_FOLDERS.intersection(folders))
    )


def contexts(root: Path, runs: list[Run]) -> list[Context]:
    """Every test that failed in any run, with what the other runs say of it."""
    found = []
    for test in dict.fromkeys(name for run in runs for name in run.outcomes):
        outcomes = {
            run.how or f"run {number}": run.outcomes[test]
            for number, run in enumerate(runs, 1)
            if test in run.outcomes
        }
        failed = next((one.failure for one in outcomes.values() if one.failure), None)
        if failed:
            found.append((failed, outcomes))
    alike: dict[str, int] = {}
    for failure, _ in found:
        alike[failure.message] = alike.get(failure.message, 0) + 1
    return [Context(root, failure, again, alike[failure.message]) for failure, again in found]
