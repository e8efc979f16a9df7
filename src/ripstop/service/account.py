"""The account servers run under where ripstop itself is root, and what that account may reach."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from ripstop.errors import StartError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged account, entered with no supplementary groups."""

    name: str
    uid: int
    gid: int


def unprivileged() -> Account | None:
    """The account to drop to; None where we are not root and simply stay who we are."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise StartError(
        "no-account",
        "PostgreSQL refuses to run as root, and there is no other account to run it under",
        details=[f"looked for: {', '.join(CANDIDATES)}"],
        way_out="create an account named postgres, or run ripstop as an ordinary user",
    )


def barrier(path: Path, account: Account | None) -> Path | None:
    """The first folder on the way to ``path`` that the account may not enter, None where all is open."""
    if account is None:
        return None
    real = path.resolve()
    for folder in [*reversed(real.parents), real]:
        try:
            if not _may_enter(folder.stat(), account):
                return folder
        except OSError:
            return folder
    return None


def _may_enter(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
