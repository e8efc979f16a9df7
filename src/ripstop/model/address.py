"""Where a server listens and who asks."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """One database on one server. ``socket_dir`` is set where a Unix socket serves as well."""

    host: str
    port: int
    user: str
    database: str
    password: str | None = None
    socket_dir: str | None = None

    @property
    def url(self) -> str:
        """A URL every driver understands (libpq chapter 34.1.1.2)."""
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        database = quote(self.database, safe="")
        return f"postgresql://{quote(self.user, safe='')}{secret}@{self.host}:{self.port}/{database}"


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """One Redis server. ``database`` is the number a client selects; most use 0."""

    host: str
    port: int
    database: int = 0
    password: str | None = None

    @property
    def url(self) -> str:
        """A URL every client understands (IANA provisional scheme ``redis``)."""
        secret = f":{quote(self.password, safe='')}@" if self.password else ""
        return f"redis://{secret}{self.host}:{self.port}/{self.database}"
