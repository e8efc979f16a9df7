"""What a project says about itself, as frozen data: the service, its processes, its seams, its workflows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.model.survey import Stake


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """The program under test. ``command`` and ``env`` values are templates ({port}, {seams.db.url}).

    ``port`` 0 lets the kernel choose. ``ready`` is a path that answers below 500 once it serves,
    ``setup`` commands run once, in order, against the real database before the baseline.
    """

    command: str
    ready: str = "/"
    setup: tuple[str, ...] = ()
    port: int = 0
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."
    start_timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class ProcessConfig:
    """One more process of the service, such as a worker, started after and restarted with it.

    ``command`` and ``env`` are templates as the service's are; ``env`` is laid over the service's own.
    ``ready`` is a text in its log that says it works; without one it is to live while the service starts.
    """

    name: str
    command: str
    ready: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None


@dataclass(frozen=True, slots=True)
class SeamConfig:
    """One seam. Which fields count depends on ``protocol``.

    postgres: ``journal`` (tables that may keep rows when a request fails), ``bindir`` (a local
    installation instead of the embedded server), ``database``, ``user``, ``password``; ``server`` (the
    postgres seam on whose server this is one more database).
    http: ``double`` (``module:attribute``, ``openapi:FILE``, ``cassette:FILE`` or the name of one that
    comes with Ripstop), ``hosts`` (intercepted names), ``retry_cap``; ``webhook`` (the service's path for
    the provider's events) and ``webhook_secret`` (what they are signed with); ``upstream`` (the base URL
    of the real or sandbox server, asked by ``record`` and ``drift`` alone) and ``sandbox`` (requests that
    change something may be sent there).
    redis: ``bindir`` (a local redis-server instead of the embedded one), ``durable`` (patterns of keys
    that must stand after a success; every other key is taken for a cache). smtp: ``tls`` (``starttls``,
    ``implicit`` or ``off``). clock: ``zone`` (a time zone whose changes of the clocks are tried).
    """

    name: str
    protocol: str
    journal: tuple[str, ...] = ()
    bindir: str | None = None
    server: str | None = None
    database: str = "service"
    user: str = "service"
    password: str = "service"  # noqa: S105
    settings: Mapping[str, str] = field(default_factory=dict)
    double: str | None = None
    hosts: tuple[str, ...] = ()
    retry_cap: int = 4
    durable: tuple[str, ...] = ()
    tls: str = "starttls"
    port: int = 0
    webhook: str | None = None
    webhook_secret: str | None = None
    upstream: str | None = None
    sandbox: bool = False
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a project says about itself. ``root`` is the folder of the file it says it in."""

    root: Path
    service: ServiceConfig
    seams: Mapping[str, SeamConfig]
    processes: Mapping[str, ProcessConfig] = field(default_factory=dict)
    workflows: Mapping[str, Stake] = field(default_factory=dict)
    budget_s: float = 5.0
    data_dir: str | None = None
    tests_dir: str = "tests/seams"
    source: Path | None = None
