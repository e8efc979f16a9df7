"""What to tell a person about calls that did not go where they should.

The lines of configuration that would give a refused host a double, and why an intercepted host may
have seen no call. Read from the report and from proc(5); nothing is changed here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from ripstop.service.outbound import Interception, Refused

_PROC = Path("/proc")
_PROCESSES = 1_000
_KNOWN = {"stripe.com": "stripe", "sendgrid.com": "sendgrid", "twilio.com": "twilio", "amazonaws.com": "s3"}
"""Of these a double comes along."""
_SERVERS = {
    25: ("mail", "smtp"),
    465: ("mail", "smtp"),
    587: ("mail", "smtp"),
    2525: ("mail", "smtp"),
    5432: ("db", "postgres"),
    6379: ("cache", "redis"),
}
_SECOND_LEVEL = {"ac", "co", "com", "edu", "gov", "net", "org"}
_WRAPPERS = {"sh", "bash", "dash", "ash", "busybox", "env", "tini", "dumb-init", "sudo", "uv", "make", "npm"}
_BY_THEMSELVES = {
    "uvloop/loop": "uvloop",
    "grpc/_cython": "grpc",
    "/pycurl": "pycurl",
    "curl_cffi/": "curl_cffi",
    "pycares/": "pycares",
    "librdkafka": "librdkafka",
}
"""What of a loaded file's path tells a library that connects in C of its own, and its name."""


def lines_for(refused: Refused, *, taken: Collection[str] = ()) -> tuple[str, ...]:
    """The lines of a pyproject.toml that would put a double in a refused host's place.

    A host given by its address, and servers other than HTTP's, are pointed at by the service's
    environment instead of being intercepted. ``taken`` are names of seams there are already.
    """
    kind = _SERVERS.get(refused.port)
    name, protocol = kind or (_name_of(refused.host), "http")
    while name in taken:
        name += "_2"
    lines = [f"[tool.ripstop.seams.{name}]", f'protocol = "{protocol}"']
    if protocol == "http":
        pattern, double = _known(refused.host, name)
        hosts = () if _is_address(refused.host) else (f'hosts = ["{pattern}"]',)
        lines += [*hosts, f'double = "{double}"']
    if protocol != "http" or _is_address(refused.host):
        variable = f"{name.upper()}_{'HOST' if protocol == 'smtp' else 'URL'}"
        field = "host" if protocol == "smtp" else "url"
        lines += ["", "[tool.ripstop.service.env]", f'{variable} = "{{seams.{name}.{field}}}"']
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class Escape:
    """A process of the service that interception cannot hold."""

    pid: int
    program: str
    reason: str

    def __str__(self) -> str:
        return f"{self.program} (process {self.pid}) {self.reason}"


def escapes(interception: Interception, pids: Iterable[int]) -> tuple[Escape, ...]:
    """Which of these processes, or of those they started, reach other hosts past the shims."""
    shims = {one.pid for one in interception.loaded()}
    found = []
    for pid in _family(set(pids)):
        program = _program(pid)
        reason = _reason(program, pid in shims, _loaded_libraries(pid)) if program else ""
        if reason:
            found.append(Escape(pid, program, reason))
    return tuple(found)


def unseen(
    interception: Interception, seam: str, hosts: Collection[str], pids: Iterable[int]
) -> tuple[str, ...]:
    """Why a seam's intercepted hosts may have seen no call, and the way out; empty where nothing escapes.

    To be asked when the seam saw no crossing in a baseline. ``pids`` are the service's processes.
    """
    found = escapes(interception, pids)
    if not found:
        return ()
    return (
        f"no call to {', '.join(sorted(hosts))} was seen, and it may have gone past ripstop:",
        *(f"  {one}" for one in found),
        f"way out: point the service at the double by address: [tool.ripstop.service.env] "
        f'{seam.upper()}_URL = "{{seams.{seam}.url}}"',
    )


def _reason(program: str, shim: bool, libraries: list[str]) -> str:
    if shim:
        return f"has {', '.join(libraries)} loaded, which connects in C" if libraries else ""
    if program.startswith("python"):
        return (
            "runs without ripstop's start-up shim: was it started with -I, -E or -S, or another PYTHONPATH?"
        )
    if program in ("node", "nodejs"):
        return "runs without ripstop's start-up shim: was NODE_OPTIONS replaced?"
    return (
        "" if program in _WRAPPERS else "is neither Python nor Node: its calls cannot be intercepted by host"
    )


def _family(pids: set[int]) -> Iterator[int]:
    """The processes, then all below them, parents first."""
    children: dict[int, list[int]] = {}
    for path in _PROC.glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            parent = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    queue, seen = sorted(pids), set(pids)
    for pid in queue:
        yield pid
        below = [one for one in sorted(children.get(pid, ())) if one not in seen]
        seen.update(below)
        if len(queue) < _PROCESSES:
            queue += below


def _program(pid: int) -> str:
    """The name of the program a process runs; empty where it is over."""
    with suppress(OSError):
        return (_PROC / str(pid) / "exe").readlink().name.removesuffix(" (deleted)")
    return ""


def _loaded_libraries(pid: int) -> list[str]:
    try:
        maps = (_PROC / str(pid) / "maps").read_text(errors="replace")
    except OSError:
        return []
    return [name for mark, name in _BY_THEMSELVES.items() if mark in maps]


def _name_of(host: str) -> str:
    """What a seam for a host may be called: the part of its name that people know it by."""
    labels = [] if _is_address(host) else host.split(".")
    if len(labels) > 2 and labels[-2] in _SECOND_LEVEL:
        labels.pop()
    name = re.sub(r"\W", "_", labels[-2] if len(labels) > 1 else "".join(labels))
    return name if name.isidentifier() else "provider"


def _known(host: str, name: str) -> tuple[str, str]:
    """What to intercept and the double's specification. Each bucket of S3 has a host of its own."""
    for suffix, double in _KNOWN.items():
        if host.endswith(f".{suffix}"):
            return (f"*.{suffix}" if double == "s3" else host), double
    return host, f"tests.doubles:{name}"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
