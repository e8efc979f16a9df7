"""What the service may reach: intercepted hosts lead to their seams, other hosts are refused and told of.

Here the table is written that the start-up shims (``shims/python``, ``shims/node``) put in force in
every process of the service, and their report read. Which seam answers for a host is the rig's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from ripstop.errors import UsageError
from ripstop.service.certificates import Authority
from ripstop.service.environment import OUTBOUND

REPORT_LIMIT_BYTES = 1_100_000
_PATTERN = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,62})\.)*[a-z0-9_][a-z0-9_-]{0,62}")


@dataclass(frozen=True, slots=True)
class Refused:
    """A destination the service was kept from. ``port`` is 0 where only the name was looked up.

    ``client`` is the installed package that asked, empty where it could not be seen; ``count`` is a
    lower bound once the report is full. ``datagram`` is UDP, which vanishes instead of failing.
    """

    host: str
    port: int
    count: int
    client: str = ""
    datagram: bool = False

    def __str__(self) -> str:
        where = f"{self.host}:{self.port}" if self.port else self.host
        asked = f", by {self.client}" if self.client else ""
        return f"{where}{' (UDP)' if self.datagram else ''} ({self.count}x{asked})"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A process of the service in which a shim is in force. ``runtime`` is python or node."""

    pid: int
    runtime: str


@dataclass(slots=True)
class Interception:
    """The hosts in force, from pattern to the port of their seam on 127.0.0.1."""

    hosts: Mapping[str, int]
    authority: Authority
    _dark_since: int = 0

    @classmethod
    def begin(cls, hosts: Mapping[str, int], authority: Authority) -> Interception:
        """Write the table beside the authority's certificate. A pattern is a name or ``*.NAME``.

        Raises UsageError ``bad-host``.
        """
        known = {pattern.rstrip(".").lower(): port for pattern, port in hosts.items()}
        for pattern in known:
            _require_host(pattern)
        one = cls(known, authority)
        one._report.write_bytes(b"")
        one.lighten()
        one._table.write_text("".join(one._lines()), encoding="utf-8")
        return one

    def environment(self, given: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a service's environment gets besides what it is ``given``."""
        bundle = self.authority.ca_path
        if own := (given or {}).get("NODE_EXTRA_CA_CERTS"):
            bundle = _joined(self.authority, Path(own))
        return {OUTBOUND: str(self._table), "NODE_EXTRA_CA_CERTS": str(bundle), "EVENTLET_NO_GREENDNS": "yes"}

    def mark(self) -> int:
        """A place in the report, for ``refused``."""
        return self._report.stat().st_size

    def refused(self, since: int = 0) -> tuple[Refused, ...]:
        """Whom the service tried to reach since a mark, in the order of the first attempt."""
        seen: Counter[tuple[str, int, str, bool]] = Counter()
        for kind, host, port, client, _ in self._told(since):
            if kind in ("refused", "datagram"):
                seen[host, int(port), client, kind == "datagram"] += 1
        return tuple(
            Refused(host, port, count, client, datagram)
            for (host, port, client, datagram), count in seen.items()
        )

    def loaded(self) -> tuple[Loaded, ...]:
        """The processes in which a shim was put in force so far; some may be over."""
        return tuple(Loaded(int(pid), word) for kind, word, _, _, pid in self._told(0) if kind == "loaded")

    def kept_out(self) -> tuple[str, ...]:
        """Modules the service asked for and was not given, since they would escape: ``uvloop``."""
        return tuple(dict.fromkeys(word for kind, word, *_ in self._told(0) if kind == "kept-out"))

    def darken(self, hosts: Iterable[str]) -> None:
        """Let these intercepted hosts not resolve until ``lighten``. Open connections stay open."""
        self._dark_since = self.mark()
        self._dark.write_text("".join(f"{host}\n" for host in hosts), encoding="utf-8")

    def lighten(self) -> None:
        """Let every intercepted host resolve again."""
        self._dark.unlink(missing_ok=True)

    def attempts(self) -> int:
        """How often a name was asked for in vain since names were last put in the dark."""
        return sum(1 for kind, *_ in self._told(self._dark_since) if kind == "dark")

    @property
    def _table(self) -> Path:
        return self.authority.folder / "table"

    @property
    def _report(self) -> Path:
        return self.authority.folder / "report"

    @property
    def _dark(self) -> Path:
        return self.authority.folder / "dark"

    def _lines(self) -> Iterator[str]:
        yield f"ca\t{self.authority.ca_path}\n"
        yield f"report\t{self._report}\n"
        yield f"dark\t{self._dark}\n"
        first = sorted(self.hosts, key=lambda pattern: (pattern.startswith("*"), -len(pattern)))
        for number, pattern in enumerate(first, 1):
            yield f"host\t{pattern}\t{address(number)}\t{self.hosts[pattern]}\n"

    def _told(self, since: int) -> Iterator[list[str]]:
        """The report's lines that are whole, as words."""
        with self._report.open("rb") as file:
            file.seek(since)
            lines = file.read(REPORT_LIMIT_BYTES).decode("utf-8", "replace").split("\n")
        for line in lines[:-1]:
            words = line.split("\t")
            if len(words) == 5 and words[2].isdigit() and words[4].isdigit():
                yield words


def address(number: int) -> str:
    """The address that stands for the n-th pattern in the service's processes; nothing listens there."""
    return f"127.77.{number >> 8}.{number & 255}"


def _require_host(pattern: str) -> None:
    if not _PATTERN.fullmatch(pattern) or _is_address(pattern) or pattern == "localhost":
        raise UsageError(
            "bad-host",
            f"{pattern!r} is no host that can be intercepted",
            way_out='a bare name: "api.stripe.com", or "*.amazonaws.com" for all names below',
        )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _joined(authority: Authority, own: Path) -> Path:
    """One bundle of the authority's certificate and those the service brought along."""
    try:
        extra = own.read_bytes()
    except OSError:
        return authority.ca_path
    bundle = authority.folder / "bundle.pem"
    bundle.write_bytes(authority.ca_path.read_bytes() + b"\n" + extra)
    return bundle
