"""Two revisions of a repository as sources, and the messages of the commits between them.

git runs here and nowhere else in the room. A repository is not trusted: only plumbing is asked, which
runs no hook, filter, pager, external diff or signature program; what its configuration could still start is
switched off.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.errors import UsageError

_LIMIT_S = 60
_MOST_BYTES = 2_000_000
_MOST_COMMITS = 10_000
_WANTED = (".py", ".ini", ".toml", ".cfg", ".coveragerc")
_OFF = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.attributesFile=/dev/null",
    "core.quotePath=false",
    "protocol.allow=never",
    "credential.helper=",
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
    """A repository by the root of its working tree."""

    root: Path

    def git(self, *arguments: str, given: bytes = b"", check: bool = True) -> bytes:
        """What git prints. Raises UsageError (``git-failed``) with its own words."""
        settings = [part for one in _OFF for part in ("-c", one)]
        command = ["git", "--no-pager", "-C", str(self.root), *settings, *arguments]
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | _SET
        try:
            done = subprocess.run(
                command, input=given, env=environment, capture_output=True, timeout=_LIMIT_S, check=False
            )
        except FileNotFoundError as error:
            raise UsageError("no-git", "git is not installed", way_out="install git") from error
        except subprocess.TimeoutExpired as error:
            raise UsageError("git-too-slow", f"git {arguments[0]} took over {_LIMIT_S} s") from error
        if done.returncode and check:
            told = done.stderr.decode(errors="replace").splitlines()[:5]
            raise UsageError("git-failed", f"git {arguments[0]} failed", details=told)
        return done.stdout if not done.returncode else b""


@dataclass(slots=True)
class Files(Mapping[str, str]):
    """A revision's files, read when asked for: by object id, or from the working tree where there is none."""

    repository: Repository
    places: dict[str, str]
    """Path to object id; empty for a file of the working tree."""
    _read: dict[str, str | None] = field(default_factory=dict)

    def __getitem__(self, path: str) -> str:
        if path not in self.places:
            raise KeyError(path)
        if path not in self._read:
            self._read[path] = self._text(path)
        text = self._read[path]
        if text is None:
            raise KeyError(path)
        return text

    def __contains__(self, path: object) -> bool:
        return path in self.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)

    def _text(self, path: str) -> str | None:
        oid = self.places[path]
        data = self.repository.git("cat-file", "blob", oid) if oid else _on_disk(self.repository.root / path)
        return _decoded(data)

    def fetch(self, paths: Iterable[str]) -> None:
        """Read many at once."""
        wanted = [path for path in paths if self.places.get(path) and path not in self._read]
        if not wanted:
            return
        asked = "".join(f"{self.places[path]}\n" for path in wanted).encode()
        data = self.repository.git("cat-file", "--batch", given=asked)
        for path, content in zip(wanted, _objects(data), strict=True):
            self._read[path] = _decoded(content)


def _decoded(data: bytes | None) -> str | None:
    """Text; None for what is binary or too large."""
    if data is None or len(data) > _MOST_BYTES or b"\0" in data:
        return None
    return data.decode("utf-8", errors="replace").replace("\r\n", "\n")


def _on_disk(path: Path) -> bytes | None:
    """A file of the working tree; no link is followed, and no more is read than is used."""
    try:
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as stream:
            return stream.read(_MOST_BYTES + 1)
    except OSError:
        return None


def _objects(data: bytes) -> Iterator[bytes]:
    """The contents in what ``cat-file --batch`` prints (git-cat-file, batch output)."""
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        head = data[at:end].split()
        if head[-1] == b"missing":
            yield b""
            at = end + 1
            continue
        size = int(head[2])
        yield data[end + 1 : end + 1 + size]
        at = end + 2 + size


def repository(path: Path) -> Repository:
    """The repository that a folder is in. Raises UsageError (``no-repository``)."""
    if not path.is_dir():
        raise UsageError(
            "no-such-folder", f"there is no folder {path}", way_out="name a folder of the repository"
        )
    here = Repository(path)
    root = here.git("rev-parse", "--show-toplevel", check=False).decode().strip()
    if not root and here.git("rev-parse", "--is-bare-repository", check=False).strip() == b"true":
        return here
    if not root:
        raise UsageError(
            "no-repository",
            f"{path} is in no git repository that git will read",
            way_out="run it inside a clone; for dubious ownership see safe.directory in git-config",
        )
    return Repository(Path(root))


@dataclass(frozen=True, slots=True)
class Range:
    """Two commits; ``head`` is empty for the working tree."""

    base: str
    head: str


def parse(repo: Repository, text: str) -> Range:
    """``BASE..HEAD``, ``BASE...HEAD`` (from where they parted), or ``BASE`` for the working tree.

    Raises UsageError: ``unknown-revision``, ``shallow-clone``, ``nothing-in-common``.
    """
    dots = "..." if "..." in text else ".."
    base, there, head = text.partition(dots)
    first = _commit(repo, base or "HEAD")
    if not there:
        return Range(first, "")
    second = _commit(repo, head or "HEAD")
    if dots == "...":
        first = _parted(repo, first, second)
    return Range(first, second)


def _commit(repo: Repository, name: str) -> str:
    found = repo.git(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", check=False
    )
    if found.strip():
        return found.decode().strip()
    if _shallow(repo):
        raise UsageError(
            "shallow-clone",
            f"this clone is shallow and does not hold {name!r}",
            way_out="git fetch --unshallow, or fetch the whole history in CI (fetch-depth: 0)",
        )
    raise UsageError("unknown-revision", f"no commit {name!r}", way_out="name a branch, a tag or a commit id")


def _shallow(repo: Repository) -> bool:
    return repo.git("rev-parse", "--is-shallow-repository", check=False).strip() == b"true"


def _parted(repo: Repository, first: str, second: str) -> str:
    found = repo.git("merge-base", first, second, check=False).decode().strip()
    if found:
        return found
    slug = "shallow-clone" if _shallow(repo) else "nothing-in-common"
    raise UsageError(
        slug, "the two have no common commit here", way_out="git fetch --unshallow, or use BASE..HEAD"
    )


def files(repo: Repository, commit: str) -> Files:
    """The files of a commit that matter here; of the working tree where no commit is given."""
    return Files(repo, _listed(repo, commit) if commit else _working(repo))


def _listed(repo: Repository, commit: str) -> dict[str, str]:
    found = {}
    for entry in repo.git("ls-tree", "-r", "-z", "-l", "--full-tree", commit).split(b"\0"):
        about, _, name = entry.partition(b"\t")
        parts = about.split()
        path = name.decode(errors="surrogateescape")
        if len(parts) == 4 and parts[0] in (b"100644", b"100755") and path.endswith(_WANTED):
            found[path] = parts[2].decode()
    return found


def _working(repo: Repository) -> dict[str, str]:
    """Tracked files and those not ignored, as they lie on disk; no filter of git's sees them."""
    if repo.git("rev-parse", "--is-bare-repository").strip() == b"true":
        raise UsageError(
            "no-working-tree", "a bare repository has no working tree", way_out="name BASE..HEAD"
        )
    listed = repo.git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--full-name")
    names = {name.decode(errors="surrogateescape") for name in listed.split(b"\0") if name}
    wanted = (name for name in names if name.endswith(_WANTED))
    return {
        name: ""
        for name in sorted(wanted)
        if (repo.root / name).is_file() and not (repo.root / name).is_symlink()
    }


def changed(old: Files, new: Files) -> frozenset[str]:
    """The paths whose content differs, of either side."""
    either = {p for p in old.places.keys() | new.places.keys() if old.places.get(p) != new.places.get(p)}
    old.fetch(either)
    new.fetch(either)
    return frozenset(path for path in either if old.get(path) != new.get(path))


def messages(repo: Repository, span: Range) -> list[tuple[str, str]]:
    """The commits of a range with their messages, newest first; up to HEAD for the working tree."""
    listed = repo.git("rev-list", f"--max-count={_MOST_COMMITS}", f"{span.base}..{span.head or 'HEAD'}")
    commits = listed.decode().split()
    data = (
        repo.git("cat-file", "--batch", given="".join(f"{c}\n" for c in commits).encode()) if commits else b""
    )
    return [(commit, message(raw)) for commit, raw in zip(commits, _objects(data), strict=True)]


def message(raw: bytes) -> str:
    """The message in a commit object."""
    return raw.partition(b"\n\n")[2].decode("utf-8", errors="replace")


def amend(repo: Repository, line: str) -> str:
    """Add a trailer to the message of HEAD: the same commit, one line more. The new commit's id.

    Raises UsageError (``signed-commit``) where the signature would no longer hold.
    """
    head = _commit(repo, "HEAD")
    raw = next(_objects(repo.git("cat-file", "--batch", given=f"{head}\n".encode())))
    headers, _, text = raw.partition(b"\n\n")
    if b"\ngpgsig" in headers:
        raise UsageError(
            "signed-commit",
            "HEAD is signed, and its signature would no longer hold",
            way_out=f"amend it yourself with the line {line}",
        )
    last = text.rstrip(b"\n").rpartition(b"\n\n")[2]
    trailers = b": " in last.splitlines()[-1] and b"\n\n" in text.strip() if last else False
    told = text.rstrip(b"\n") + (b"\n" if trailers else b"\n\n") + line.encode() + b"\n"
    made = (
        repo.git("hash-object", "-t", "commit", "-w", "--stdin", given=headers + b"\n\n" + told)
        .decode()
        .strip()
    )
    repo.git("update-ref", "-m", "ripstop guard --amend", "HEAD", made, head)
    return made
