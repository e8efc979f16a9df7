"""What `ripstop init` means to write, as data: a service, its seams, doubles to be written, and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SeamPlan:
    """A seam to configure. ``double`` is empty for one that is still to be written as a skeleton."""

    name: str
    protocol: str
    hosts: tuple[str, ...] = ()
    double: str = ""
    webhook: str = ""
    webhook_secret: str = ""


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """A route of a skeleton. ``path`` has ``{name}`` where it varies, ``effect`` is empty for none.

    ``sends`` maps a field of the request's body to the name of its Python type, ``object`` where that
    is not known; ``reads`` are the fields of the reply that the service's code asks for.
    """

    method: str
    path: str
    effect: str = ""
    sends: Mapping[str, str] = field(default_factory=dict)
    form: bool = False
    reads: tuple[str, ...] = ()

    @property
    def operation(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class DoublePlan:
    """A skeleton: one Double named as its seam. ``header`` is the idempotency key's, empty for none."""

    name: str
    routes: tuple[RoutePlan, ...] = ()
    header: str = ""


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """How the service is started; every text may be a template."""

    command: str = ""
    ready: str = "/"
    setup: tuple[str, ...] = ()
    cwd: str = "."
    port: int = 0
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it. ``notes`` are what only a person knows, a sentence each."""

    service: ServicePlan
    seams: tuple[SeamPlan, ...] = ()
    doubles: tuple[DoublePlan, ...] = ()
    notes: tuple[str, ...] = ()

    def seam(self, name: str) -> SeamPlan | None:
        return next((one for one in self.seams if one.name == name), None)
