"""A small project under git, whose only service is a function: what integrity judges, at its fastest."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ripstop.integrity.frozen import Frozen
from ripstop.integrity.judging import Judge
from ripstop.integrity.repository import Repository
from ripstop.integrity.session import Session

PRICES = "def total(items):\n    return 0\n"
RIGHT_PRICES = "def total(items):\n    return sum(items)\n"
RED = "from shop.prices import total\n\n\ndef test_items_are_added():\n    assert total([1, 2]) == 3\n"
QUICK = " ".join(f"-p no:{name}" for name in ("ripstop", "faker", "hypothesispytest", "xdist", "anyio"))
"""Plugins that take longer to start than these tests to run."""
OLD = "from shop.prices import total\n\n\ndef test_nothing_costs_nothing():\n    assert total([]) == 0\n"


@dataclass(frozen=True)
class Project:
    """A repository with everything committed."""

    root: Path

    def write(self, files: Mapping[str, str | None]) -> None:
        """Put files in their places; None takes one away."""
        for name, text in files.items():
            path = self.root / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "work")

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.test"]
        command = ["git", *who, *arguments]
        return subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True).stdout

    @property
    def judge(self) -> Judge:
        return Judge(Repository.around(self.root), Session(timeout_s=60.0))

    def frozen(self, *tests: str) -> Frozen:
        found = self.judge.red(tests)
        assert found.frozen, found.colours
        return found.frozen


def made(root: Path, files: Mapping[str, str] | None = None) -> Project:
    root.mkdir(parents=True)
    project = Project(root)
    project.write(
        {
            "pyproject.toml": f"[tool.pytest.ini_options]\naddopts = '{QUICK}'\n",
            ".gitignore": "__pycache__/\n",
            "shop/__init__.py": "",
            "shop/prices.py": PRICES,
            "tests/conftest.py": "",
            "tests/test_old.py": OLD,
            "tests/test_new.py": RED,
            **(files or {}),
        }
    )
    project.git("init", "--quiet")
    project.commit()
    return project
