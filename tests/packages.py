"""Node packages for tests: installed once for each package.json, and kept from session to session.

npm itself is the dev group's. What is installed never lies in the repository.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

_QUIET = ("--loglevel=error", "--no-audit", "--no-fund", "--no-progress", "--no-update-notifier")
_BARE = ("--omit=dev", "--ignore-scripts", "--no-package-lock", "--prefer-offline")
_LIMIT_S = 180
_SYSTEM_CAS = "/etc/ssl/certs/ca-certificates.crt"
"""Where a machine keeps the authorities it trusts, a company's own among them; npm does not look there."""


def node_modules(package: Path) -> Path:
    """The folder with what a package.json depends on, without what only its developers need.

    Any number of processes may ask at once: the first installs, the others wait for it.
    """
    wanted = package.read_bytes()
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ripstop-tests"
    home.mkdir(parents=True, exist_ok=True)
    kept = home / f"node-{hashlib.sha256(wanted).hexdigest()[:12]}"
    with (home / f"{kept.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_dir():
            _install(wanted, kept)
    return kept / "node_modules"


def _install(wanted: bytes, kept: Path) -> None:
    """Beside its place first, so that what was interrupted is not taken for whole."""
    fresh = kept.with_name(f"{kept.name}-fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    (fresh / "package.json").write_bytes(wanted)
    command = [str(Path(sys.executable).with_name("npm")), "install", *_QUIET, *_BARE]
    env = {**({"NODE_EXTRA_CA_CERTS": _SYSTEM_CAS} if Path(_SYSTEM_CAS).exists() else {}), **os.environ}
    done = subprocess.run(
        command, cwd=fresh, env=env, capture_output=True, text=True, timeout=_LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    fresh.rename(kept)
