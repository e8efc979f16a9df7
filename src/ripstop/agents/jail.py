"""The jail an agent runs in: bubblewrap, everything read-only but what its phase writes.

Linux with user namespaces, or root, and `bwrap` on the PATH (bubblewrap(1)); elsewhere there is none, and
whoever asks is told why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ripstop.agents import places

_KEPT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TERM",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
)
_TRIAL_S = 20
_CACHE = Path("/tmp").resolve() / "ripstop-cache"  # noqa: S108
"""Prepared servers are found here, each read-only: what a test adds is gone with the jail."""


def missing() -> str:
    """Why no jail can be had here; empty where one can."""
    if sys.platform != "linux":
        return f"there is no bubblewrap on {sys.platform}"
    if shutil.which("bwrap") is None:
        return "bubblewrap (bwrap) is not on the PATH"
    trial = [*_base(), "true"]
    try:
        done = subprocess.run(trial, capture_output=True, text=True, timeout=_TRIAL_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start: {error}"
    said = done.stderr.strip().splitlines()
    return (
        ""
        if done.returncode == 0
        else f"bubblewrap may not isolate here: {said[-1] if said else done.returncode}"
    )


_ISOLATED = ("--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--new-session")


_POWERS = ("SYS_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH", "MKNOD", "NET_ADMIN", "SYS_MODULE", "SYS_RAWIO")
"""What root could leave a jail by (capabilities(7)): mounting, tracing, raw devices."""


def _powerless() -> list[str]:
    """Root keeps its capabilities in a jail unless they are taken; others have none there."""
    return [part for power in _POWERS for part in ("--cap-drop", f"CAP_{power}")] if os.geteuid() == 0 else []


def _base() -> list[str]:
    """What every jail begins with: namespaces of its own, and the whole machine read-only."""
    return ["bwrap", *_ISOLATED, *_powerless(), "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]


@dataclass(frozen=True, slots=True)
class Jail:
    """Where a command runs: ``project`` is its folder, ``writable`` what of it it may write, ``home`` its.

    ``top`` is what it may read around the project. With ``network`` False it has a loopback of its own and
    nothing else. What is ``hidden`` it finds empty, as homes, temporary folders and /run, but for what in
    there is ``visible``: the interpreter that runs the tests may lie anywhere. What is ``sealed`` of the
    project cannot be written although it lies in what can.
    """

    project: Path
    home: Path
    writable: tuple[str, ...] = ()
    network: bool = True
    hidden: tuple[Path, ...] = ()
    visible: tuple[Path, ...] = ()
    top: Path | None = None
    sealed: tuple[str, ...] = ()

    def command(self, argv: Sequence[str]) -> list[str]:
        """A command line that runs another inside."""
        parts = [*_base(), *([] if self.network else ["--unshare-net"])]
        for path, emptied in self._layers():
            parts += ["--tmpfs", str(path)] if emptied else _shown(path, path)
        for path in self._masked():
            parts += ["--tmpfs", str(path)] if path.is_dir() else ["--ro-bind", "/dev/null", str(path)]
        for path in places.prepared():
            parts += _shown(path, _CACHE / path.name)
        for path in (self.top or self.project, self.project):
            parts += ["--ro-bind", str(path), str(path)]
        for path in (self.home, *(self.project / name for name in self.writable)):
            parts += ["--bind", str(path), str(path)]
        for path in (self.project / name for name in self.sealed):
            parts += ["--ro-bind", str(path), str(path)]
        kept = ["--setenv", "RIPSTOP_CACHE", str(_CACHE), "--chdir", str(self.project)]
        return [*parts, *kept, "--", *argv]

    @property
    def _emptied(self) -> set[Path]:
        return {*places.empty(), *(path.resolve() for path in self.hidden)}

    def _layers(self) -> list[tuple[Path, bool]]:
        """What is emptied and what of that is shown, the outer before the inner: the inner counts."""
        emptied = self._emptied
        shown = (*self.visible, *(places.resolving() if self.network else ()))
        again = {path for path in shown if path.exists() and places.is_within(path, emptied)} - emptied
        return sorted([*((one, True) for one in emptied), *((one, False) for one in again)], key=_depth)

    def _masked(self) -> Iterator[Path]:
        """What would be seen of credentials and of the machine's sockets."""
        emptied = self._emptied
        for path in (*places.secrets(), *places.sockets()):
            if not places.is_within(path, emptied) or places.is_within(path, self.visible):
                yield path


def _shown(path: Path, there: Path) -> list[str]:
    """Read-only, where every account may get to: a folder that bubblewrap makes by itself is ours alone."""
    return ["--dir", str(there.parent), "--ro-bind", str(path), str(there)]


def _depth(layer: tuple[Path, bool]) -> tuple[int, bool]:
    return len(layer[0].parts), layer[1]


def environment(
    home: Path, given: Iterable[str] = (), more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What a jailed command finds: what every program needs, the variables ``given`` by name, no others."""
    named = {name: os.environ[name] for name in (*_KEPT, *given) if name in os.environ}
    own = {"HOME": str(home), "TMPDIR": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"}  # noqa: S108
    return {**named, **own, **(more or {})}
