"""The example's second order, from finding to mended: found, red, fixed by an agent, green, and gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ripstop.agents import jail

from .exploring import QUICK, copy, explore, places

MEND = Path(__file__).with_name("one_order_a_key.patch")
"""What the agent does: an order is stored once for each key, and told again when it is asked for again."""
NARROWED = ("--seam", "db", "--fault", "reply_lost", *QUICK)
THE_SECOND_ORDER = ("RS205", "POST /orders", "db", "COMMIT")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout of the example under git, its pytest spared what it has no use for."""
    one = copy("orders", tmp_path)
    (one / ".gitignore").write_text("__pycache__/\n.ripstop/\nreport.json\n")
    project = one / "pyproject.toml"
    project.write_text(
        project.read_text().replace(
            "[tool.pytest.ini_options]", f"[tool.pytest.ini_options]\naddopts = {list(QUICK)}"
        )
    )
    who = ["git", "-c", "user.name=a", "-c", "user.email=a@example.test"]
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "as it is"]):
        subprocess.run([*who, *arguments], cwd=one, check=True)
    return one


def agent() -> str:
    """One that knows what to do, as a line of shell."""
    return f"command:git apply <<'END'\n{MEND.read_text()}END"


def ripstop(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "ripstop.cli.main", *arguments]
    env = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME")
        if name in os.environ
    }
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_second_order_is_found_red_fixed_green_and_gone(folder: Path) -> None:
    before = explore(folder, *NARROWED)
    assert places(before) == [THE_SECOND_ORDER]
    (finding,) = before["workflows"][0]["findings"]

    told = ripstop(
        folder, "tdd", "--from-finding", finding["replay"], "--agent", agent(), "--no-refactor", "--apply"
    )

    assert "frozen: tests/seams/test_place_order.py::" in told
    assert ("verify-only" in told) == bool(jail.missing())
    assert "accepted: 4 files, applied to the work tree" in told
    assert places(explore(folder, *NARROWED, expected=0)) == []
