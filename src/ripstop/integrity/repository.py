"""Asking git, safely: nothing that a repository's own configuration or hooks name is run.

git runs here and nowhere else in the room. A change under judgment may have planted a hook, a filter, a pager
or a file monitor: git is told to leave them alone on its command line, which outranks every configuration
file (git-config(1), "FILES"), and what only its environment can switch off is switched off there.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ripstop.errors import UsageError

_LIMIT_S = 60
_OFF = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.attributesFile=/dev/null",
    "core.quotePath=false",
    "core.autocrlf=false",
    "core.eol=lf",
    "diff.external=",
    "protocol.allow=never",
    "protocol.file.allow=always",
    "credential.helper=",
    "gc.auto=0",
    "advice.detachedHead=false",
)
_KEPT = ("PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "XDG_CONFIG_HOME")
_SET = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ATTR_NOSYSTEM": "1",
    "LC_ALL": "C",
}


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository: ``top`` is the root of its work tree, ``prefix`` the project's folder in it.

    A bare one has no work tree; ``top`` is then where it lies.
    """

    top: Path
    prefix: Path = Path()

    @classmethod
    def around(cls, folder: Path) -> Repository:
        """The repository that a folder is in. Raises UsageError ``no-such-folder``, ``no-repository``."""
        if not folder.is_dir():
            raise UsageError(
                "no-such-folder", f"there is no folder {folder}", way_out="name a folder of the repository"
            )
        folder = folder.resolve()
        here = cls(folder)
        root = os.fsdecode(here.ask("rev-parse", "--show-toplevel", check=False).rstrip(b"\n"))
        if root:
            top = Path(root).resolve()
            return cls(top, folder.relative_to(top))
        if here.is_bare:
            return here
        raise UsageError(
            "no-repository",
            f"{folder} is in no git repository that git will read",
            way_out="run it inside a clone; for dubious ownership see safe.directory in git-config",
        )

    @property
    def project(self) -> Path:
        """The project's folder."""
        return self.top / self.prefix

    @property
    def is_bare(self) -> bool:
        return self.ask("rev-parse", "--is-bare-repository", check=False).strip() == b"true"

    def ask(self, *arguments: str, given: bytes = b"", check: bool = True) -> bytes:
        """What a git command prints; nothing where it fails and that is not to be checked.

        Raises UsageError ``git-failed``, ``git-too-slow``, ``no-git``.
        """
        return ask(self.top, *arguments, given=given, check=check)

    def revision(self, name: str) -> str:
        """A commit's full name. Raises UsageError ``unknown-revision``, ``shallow-clone``."""
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        found = self.ask(*asked, check=False).decode().strip()
        if found:
            return found
        if self.is_shallow:
            raise UsageError(
                "shallow-clone",
                f"this clone is shallow and does not hold {name!r}",
                way_out="git fetch --unshallow, or fetch the whole history in CI (fetch-depth: 0)",
            )
        raise UsageError(
            "unknown-revision", f"no commit {name!r}", way_out="name a branch, a tag or a commit id"
        )

    def holds(self, name: str) -> bool:
        """Whether there is a commit of this name."""
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return bool(self.ask(*asked, check=False).strip())

    @property
    def is_shallow(self) -> bool:
        return self.ask("rev-parse", "--is-shallow-repository", check=False).strip() == b"true"

    def present(self) -> list[str]:
        """The work tree's files as a commit of everything would hold them: ignored ones left out."""
        listed = self.ask("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--full-name")
        names = dict.fromkeys(os.fsdecode(name) for name in listed.split(b"\0") if name)
        return [name for name in names if os.path.lexists(self.top / name)]

    def names(self) -> list[str]:
        """Those of the project's folder, relative to it."""
        prefix = self.prefix.as_posix()
        start = "" if prefix == "." else f"{prefix}/"
        return [name.removeprefix(start) for name in self.present() if name.startswith(start)]

    def text(self, name: str) -> str:
        """A file of the project as it lies there; empty where it cannot be read."""
        try:
            return (self.project / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def text_at(self, revision: str, name: str) -> str:
        """A file of the project as a commit has it; empty where it has none."""
        said = self.ask("show", f"{revision}:{(self.prefix / name).as_posix()}", check=False)
        return said.decode(errors="replace")


def ask(folder: Path, *arguments: str, given: bytes = b"", check: bool = True) -> bytes:
    """What git prints when it is run in a folder. Raises as ``Repository.ask`` does."""
    settings = [part for one in _OFF for part in ("-c", one)]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | _SET
    command = ["git", "--no-pager", *settings, *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            input=given,
            env=environment,
            capture_output=True,
            timeout=_LIMIT_S,
            check=False,
        )
    except FileNotFoundError as error:
        raise UsageError("no-git", "git is not installed", way_out="install git") from error
    except subprocess.TimeoutExpired as error:
        raise UsageError("git-too-slow", f"git {arguments[0]} took over {_LIMIT_S} s") from error
    if done.returncode and check:
        told = done.stderr.decode(errors="replace").strip().splitlines()[:10]
        raise UsageError("git-failed", f"git {arguments[0]} failed", details=told)
    return done.stdout if not done.returncode else b""
