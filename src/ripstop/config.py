"""``[tool.ripstop]`` of a pyproject.toml, read once into one frozen Config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """The program under test. ``command`` and ``env`` values are templates ({port}, {seams.db.url}).

    ``port`` 0 lets the kernel choose. ``ready`` is a path that answers below 500 once it serves,
    ``setup`` a command run once against the real database before the baseline.
    """

    command: str
    ready: str = "/"
    setup: str | None = None
    port: int = 0
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."
    start_timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class SeamConfig:
    """One seam. Which fields count depends on ``protocol``.

    postgres: ``journal`` (tables that may keep rows when a request fails), ``bindir`` (a local
    installation instead of the embedded server), ``database``, ``user``, ``password``.
    http: ``double`` (``module:attribute``), ``hosts`` (intercepted names), ``retry_cap``.
    """

    name: str
    protocol: str
    journal: tuple[str, ...] = ()
    bindir: str | None = None
    database: str = "service"
    user: str = "service"
    password: str = "service"  # noqa: S105
    settings: Mapping[str, str] = field(default_factory=dict)
    double: str | None = None
    hosts: tuple[str, ...] = ()
    retry_cap: int = 4
    port: int = 0


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a project says about itself. ``root`` is the folder of the pyproject.toml."""

    root: Path
    service: ServiceConfig
    seams: Mapping[str, SeamConfig]
    budget_s: float = 5.0
    data_dir: str | None = None
    tests_dir: str = "tests/seams"
