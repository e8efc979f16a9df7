"""What of a machine a jail hides and what it shows again. By paths alone; nothing is mounted here.

Homes, temporary and mounted folders and /run are found empty, whoever's they are. Shown again is what runs
tests and agents; within that, places that are known to hold credentials stay hidden.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_EMPTY = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/var/run", "/home", "/mnt", "/media", "/srv")  # noqa: S108
_SECRETS = (
    ".ssh", ".aws", ".gnupg", ".netrc", ".pypirc", ".npmrc", ".docker", ".kube", ".config/gcloud",
    ".config/gh", ".azure", ".git-credentials", ".password-store", ".local/share/keyrings",
    ".bash_history", ".zsh_history", ".python_history", ".psql_history", ".pgpass", ".vault-token",
    ".terraform.d", ".claude.json", ".claude/.credentials.json", ".codex/auth.json",
    ".gemini/oauth_creds.json", ".config/github-copilot", ".copilot/config.json",
    ".local/share/opencode/auth.json", ".config/cursor/auth.json", ".cargo/credentials",
    ".cargo/credentials.toml", ".gem/credentials", ".config/pypoetry/auth.toml", ".config/git/credentials",
)  # fmt: skip
_MACHINE = ("/etc/shadow", "/etc/gshadow", "/etc/ssh", "/etc/ssl/private", "/etc/kubernetes")
_RESOLVING = Path("/etc/resolv.conf")
_PROGRAMS = ("bin", "sbin", "shims")
_SHARED = (".", ".local", ".config", ".cache")
"""What beside these folders of a home is not of one program alone."""


def empty() -> list[Path]:
    """What a jail finds empty: folders that are there, no links."""
    homes = [Path.home()]
    for account in (0, os.getuid()):
        with contextlib.suppress(KeyError):
            homes.append(Path(pwd.getpwuid(account).pw_dir))
    found = dict.fromkeys(path.resolve() for path in (*map(Path, _EMPTY), *homes))
    return [path for path in found if path.is_dir() and path != Path("/")]


def secrets() -> list[Path]:
    """Where credentials are kept, as far as they are there; a link is where it leads."""
    homes = (Path.home(), Path.home().resolve())
    every = dict.fromkeys(one for home in homes for name in _SECRETS for one in _named(home / name))
    machine = [Path(name) for name in _MACHINE]
    return [path for path in (*every, *machine) if path.exists() and not path.is_symlink()]


def _named(path: Path) -> tuple[Path, Path]:
    return path, path.resolve()


def resolving() -> list[Path]:
    """The file that names are looked up by, where /etc only leads to it."""
    return [_RESOLVING.resolve()] if _RESOLVING.is_symlink() and _RESOLVING.is_file() else []


def tools(command: str = "", *, hidden: Iterable[Path] = ()) -> tuple[Path, ...]:
    """What runs tests and agents: this interpreter and what it imports from, what is on the PATH, a command.

    Of what is hidden, only an interpreter: a project is often installed from its own folder.
    """
    where = shutil.which(command) if command else None
    more = [package(Path(where).resolve())] if where else []
    found = [one for one in _absolute(sys.path) if one.is_dir()]
    found += [*map(_installed, _absolute(os.get_exec_path())), *more]
    outside = [one for one in found if not is_within(one.resolve(), hidden)]
    home = Path.home().resolve()
    every = dict.fromkeys(one for path in (*interpreters(), *outside) for one in _named(path))
    return tuple(one for one in every if not home.is_relative_to(one.resolve()))


def interpreters() -> list[Path]:
    """This interpreter, what is installed for it, and Ripstop itself."""
    found = (Path(sys.base_prefix), Path(sys.prefix), Path(__file__).parents[2])
    return [path for path in found if path != Path("/usr")]


def is_within(path: Path, any_of: Iterable[Path]) -> bool:
    """Whether a path is one of these, or below one."""
    return any(path.is_relative_to(one) for one in any_of)


def _absolute(names: Iterable[str]) -> list[Path]:
    return [Path(name) for name in names if Path(name).is_absolute()]


def package(path: Path) -> Path:
    """The folder a program came in: all of node_modules, or what is beside it."""
    inside = next((one for one in path.parents if one.name == "node_modules"), None)
    return inside or path.parent


def _installed(place: Path) -> Path:
    """A folder of programs, or the one above it where that is of the same programs alone."""
    above = place.parent
    shared = [*empty(), *(Path.home() / name for name in _SHARED)]
    alone = above not in shared and above.parent != Path("/home")
    return above if alone and place.name in _PROGRAMS and is_within(place, empty()) else place


def sockets(listed: Path = Path("/proc/net/unix")) -> Iterator[Path]:
    """Where servers of this machine listen by a path (proc(5), /proc/net/unix): the last field, if any."""
    try:
        lines = listed.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return
    for path in dict.fromkeys(Path(line.split(maxsplit=7)[7]) for line in lines if " /" in line):
        try:
            if stat.S_ISSOCK(path.lstat().st_mode):
                yield path.resolve()
        except OSError:
            continue


def prepared() -> list[Path]:
    """What Ripstop keeps whole for embedded servers, in the first of its caches that is there."""
    named = os.environ.get("RIPSTOP_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    own = [Path(f"/var/tmp/ripstop-{os.getuid()}"), base / "ripstop"]  # noqa: S108
    usual = [Path("/var/cache/ripstop"), *own] if os.geteuid() == 0 else own[::-1]
    caches = [path.absolute() for path in ([Path(named)] if named else usual) if path.is_dir()]
    return [record.parent for record in sorted(caches[0].glob("*/complete.json"))] if caches else []
