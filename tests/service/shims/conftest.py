"""A stage for programs whose hosts are intercepted, and the Node packages some of them use."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ripstop.service.certificates import Authority

from .outbound_harness import Stage, staged

PACKAGES = Path(__file__).with_name("node") / "package.json"
INSTALL = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"]


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    one = Authority.create()
    yield one
    one.close()


@pytest.fixture
def stage(tmp_path: Path, authority: Authority) -> Iterator[Stage]:
    with staged(tmp_path, authority) as one:
        yield one


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The packages of ``node/package.json``, installed once and kept from session to session."""
    wanted = PACKAGES.read_bytes()
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ripstop-tests"
    home.mkdir(parents=True, exist_ok=True)
    kept = home / f"node-{hashlib.sha256(wanted).hexdigest()[:12]}"
    with (home / "node.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_dir():
            fresh = home / f"fresh-{os.getpid()}"
            fresh.mkdir()
            (fresh / "package.json").write_bytes(wanted)
            try:
                npm = str(Path(sys.executable).with_name("npm"))
                done = subprocess.run([npm, *INSTALL], cwd=fresh, capture_output=True, text=True, timeout=120)
                assert done.returncode == 0, done.stdout + done.stderr
                fresh.rename(kept)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return kept / "node_modules"


@pytest.fixture
def node_stage(stage: Stage, node_modules: Path) -> Stage:
    """A stage whose Node programs find those packages."""
    (stage.folder / "node_modules").symlink_to(node_modules)
    return stage
