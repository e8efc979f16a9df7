"""Two revisions of a repository as sources, and the messages of the commits between them.

Only plumbing is asked, which runs no hook, filter, pager, external diff or signature program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.errors import UsageError
from ripstop.integrity.repository import Repository

_MOST_BYTES = 2_000_000
_MOST_COMMITS = 10_000
_WANTED = (".py", ".ini", ".toml", ".cfg", ".coveragerc")


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
        data = self.repository.ask("cat-file", "blob", oid) if oid else _on_disk(self.repository.top / path)
        return _decoded(data)

    def fetch(self, paths: Iterable[str]) -> None:
        """Read many at once."""
        wanted = [path for path in paths if self.places.get(path) and path not in self._read]
        if not wanted:
            return
        asked = "".join(f"{self.places[path]}\n" for path in wanted).encode()
        data = self.repository.ask("cat-file", "--batch", given=asked)
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
    first = repo.revision(base or "HEAD")
    if not there:
        return Range(first, "")
    second = repo.revision(head or "HEAD")
    if dots == "...":
        first = _parted(repo, first, second)
    return Range(first, second)


def _parted(repo: Repository, first: str, second: str) -> str:
    found = repo.ask("merge-base", first, second, check=False).decode().strip()
    if found:
        return found
    slug = "shallow-clone" if repo.is_shallow else "nothing-in-common"
    raise UsageError(
        slug, "the two have no common commit here", way_out="git fetch --unshallow, or use BASE..HEAD"
    )


def files(repo: Repository, commit: str) -> Files:
    """The files of a commit that matter here; of the working tree where no commit is given."""
    return Files(repo, _listed(repo, commit) if commit else _working(repo))


def _listed(repo: Repository, commit: str) -> dict[str, str]:
    found = {}
    for entry in repo.ask("ls-tree", "-r", "-z", "-l", "--full-tree", commit).split(b"\0"):
        about, _, name = entry.partition(b"\t")
        parts = about.split()
        path = name.decode(errors="surrogateescape")
        if len(parts) == 4 and parts[0] in (b"100644", b"100755") and path.endswith(_WANTED):
            found[path] = parts[2].decode()
    return found


def _working(repo: Repository) -> dict[str, str]:
    """Tracked files and those not ignored, as they lie on disk; no filter of git's sees them."""
    if repo.is_bare:
        raise UsageError(
            "no-working-tree", "a bare repository has no working tree", way_out="name BASE..HEAD"
        )
    wanted = (name for name in repo.present() if name.endswith(_WANTED))
    return {
        name: ""
        for name in sorted(wanted)
        if (repo.top / name).is_file() and not (repo.top / name).is_symlink()
    }


def changed(old: Files, new: Files) -> frozenset[str]:
    """The paths whose content differs, of either side."""
    either = {p for p in old.places.keys() | new.places.keys() if old.places.get(p) != new.places.get(p)}
    old.fetch(either)
    new.fetch(either)
    return frozenset(path for path in either if old.get(path) != new.get(path))


def messages(repo: Repository, span: Range) -> list[tuple[str, str]]:
    """The commits of a range with their messages, newest first; up to HEAD for the working tree."""
    listed = repo.ask("rev-list", f"--max-count={_MOST_COMMITS}", f"{span.base}..{span.head or 'HEAD'}")
    commits = listed.decode().split()
    data = (
        repo.ask("cat-file", "--batch", given="".join(f"{c}\n" for c in commits).encode()) if commits else b""
    )
    return [(commit, message(raw)) for commit, raw in zip(commits, _objects(data), strict=True)]


def message(raw: bytes) -> str:
    """The message in a commit object."""
    return raw.partition(b"\n\n")[2].decode("utf-8", errors="replace")


def amend(repo: Repository, line: str) -> str:
    """Add a trailer to the message of HEAD: the same commit, one line more. The new commit's id.

    Raises UsageError (``signed-commit``) where the signature would no longer hold.
    """
    head = repo.revision("HEAD")
    raw = next(_objects(repo.ask("cat-file", "--batch", given=f"{head}\n".encode())))
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
        repo.ask("hash-object", "-t", "commit", "-w", "--stdin", given=headers + b"\n\n" + told)
        .decode()
        .strip()
    )
    repo.ask("update-ref", "-m", "ripstop guard --amend", "HEAD", made, head)
    return made
