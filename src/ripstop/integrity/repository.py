"""Asking git, safely: nothing that a repository's own configuration or hooks name is run.

A change under judgment may plant either. Git is told to leave them alone on the command line, which outranks
every configuration file (git-config(1), "FILES"), and is given no pager, no prompt and no file monitor.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ripstop.errors import UsageError

_HARMLESS = (
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "core.pager=cat",
    "-c", "core.attributesFile=/dev/null",
    "-c", "diff.external=",
    "-c", "protocol.allow=never",
    "-c", "protocol.file.allow=always",
    "-c", "gc.auto=0",
    "-c", "advice.detachedHead=false",
)  # fmt: skip
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Repository:
    """A git work tree: ``top`` is its root, ``prefix`` the project's folder in it."""

    top: Path
    prefix: Path

    @classmethod
    def around(cls, folder: Path) -> Repository:
        """The work tree that holds a folder. Raises UsageError ``no-git``, ``no-repository``."""
        if shutil.which("git") is None:
            raise UsageError("no-git", "there is no git on the PATH", way_out="install it")
        folder = folder.resolve()
        done = _git(folder, "rev-parse", "--show-toplevel")
        if done.returncode:
            raise UsageError(
                "no-repository",
                f"{folder} is in no git repository",
                way_out="run it inside one: revisions are what it compares",
            )
        top = Path(os.fsdecode(done.stdout.rstrip(b"\n"))).resolve()
        return cls(top, folder.relative_to(top))

    def ask(self, *arguments: str) -> bytes:
        """What a git command prints. Raises UsageError ``git-failed``."""
        done = _git(self.top, *arguments)
        if done.returncode:
            raise UsageError(
                "git-failed",
                f"git {arguments[0]} failed",
                details=done.stderr.decode(errors="replace").strip().splitlines()[:10],
            )
        return done.stdout

    def revision(self, name: str) -> str:
        """A commit's full name. Raises UsageError ``no-such-revision``."""
        done = _git(self.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if done.returncode:
            raise UsageError(
                "no-such-revision",
                f"there is no commit {name!r}",
                way_out="in a shallow clone, fetch more of the history",
            )
        return done.stdout.decode().strip()

    def present(self) -> list[str]:
        """The work tree's files as a commit of everything would hold them: ignored ones left out."""
        listed = self.ask("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
        names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
        return [name for name in names if os.path.lexists(self.top / name)]


def run(folder: Path, *arguments: str) -> None:
    """Run git in another folder than a repository's own. Raises UsageError ``git-failed``."""
    done = _git(folder, *arguments)
    if done.returncode:
        raise UsageError(
            "git-failed",
            f"git {arguments[0]} failed",
            details=done.stderr.decode(errors="replace").strip().splitlines()[:10],
        )


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        _command(arguments),
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_TIMEOUT_S,
        check=False,
    )


def _command(arguments: Sequence[str]) -> list[str]:
    return ["git", "--no-pager", *_HARMLESS, *arguments]


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0"}
