"""The jail an agent runs in: bubblewrap, everything read-only but what its phase writes.

Linux with user namespaces, or root, and `bwrap` on the PATH (bubblewrap(1)); elsewhere there is none, and
whoever asks is told why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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
_SECRETS = (
    ".ssh", ".aws", ".gnupg", ".netrc", ".pypirc", ".npmrc", ".docker", ".kube", ".config/gcloud",
    ".config/gh", ".azure", ".git-credentials", ".password-store", ".local/share/keyrings",
    ".bash_history", ".zsh_history", ".python_history", ".psql_history", ".pgpass", ".vault-token",
    ".terraform.d", ".claude.json", ".claude/.credentials.json", ".codex/auth.json",
    ".gemini/oauth_creds.json", ".config/github-copilot", ".copilot/config.json",
    ".local/share/opencode/auth.json", ".config/cursor/auth.json",
)  # fmt: skip
_TRIAL_S = 20


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

    With ``network`` False it has a loopback of its own and nothing else. What is ``hidden`` it finds empty,
    but for what in there is ``visible``: the interpreter that runs the tests may lie anywhere.
    """

    project: Path
    home: Path
    writable: tuple[str, ...] = ()
    network: bool = True
    hidden: tuple[Path, ...] = ()
    visible: tuple[Path, ...] = ()

    def command(self, argv: Sequence[str]) -> list[str]:
        """A command line that runs another inside."""
        parts = _base()
        parts += [] if self.network else ["--unshare-net"]
        for path in (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), *_secrets(), *self.hidden):  # noqa: S108
            parts += ["--tmpfs", str(path)] if path.is_dir() else ["--ro-bind", "/dev/null", str(path)]
        for path in (*self.visible, self.project):
            parts += ["--ro-bind", str(path), str(path)]
        for path in (self.home, *(self.project / name for name in self.writable)):
            parts += ["--bind", str(path), str(path)]
        return [*parts, "--chdir", str(self.project), "--", *argv]


def interpreters() -> tuple[Path, ...]:
    """What runs tests: this interpreter, what is installed for it, and Ripstop itself."""
    ours = Path(__file__).parents[2]
    found = (Path(sys.base_prefix), Path(sys.prefix), ours)
    return tuple(dict.fromkeys(path.resolve() for path in found if path != Path("/usr")))


def environment(
    home: Path, given: Iterable[str] = (), more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What a jailed command finds: what every program needs, the variables ``given`` by name, no others."""
    named = {name: os.environ[name] for name in (*_KEPT, *given) if name in os.environ}
    own = {"HOME": str(home), "TMPDIR": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"}  # noqa: S108
    return {**named, **own, **(more or {})}


def _secrets() -> list[Path]:
    """Where credentials are kept, as far as they are there."""
    home = Path.home()
    return [home / name for name in _SECRETS if (home / name).exists()]
