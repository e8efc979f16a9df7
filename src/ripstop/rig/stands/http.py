"""The stand of an http seam: a double in an external service's place, and its ledger of effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ripstop.config import Config, SeamConfig
from ripstop.doubles.double import Double
from ripstop.doubles.loading import load
from ripstop.errors import UsageError
from ripstop.model.fault import Facts
from ripstop.model.state import Observation
from ripstop.rig.stand import Address, Ground
from ripstop.seams.http import HttpSeam
from ripstop.seams.webhooks import Deliveries
from ripstop.service.ports import HOST


@dataclass(slots=True)
class HttpStand:
    """The double is the server: nothing stands behind the seam."""

    double: Double
    seam: HttpSeam
    deliveries: Deliveries
    hosts: tuple[str, ...] = ()
    _base: int = 0

    @classmethod
    def build(cls, seam: SeamConfig, config: Config, ground: Ground) -> HttpStand:
        """Load the double. Raises UsageError."""
        if seam.double is None:
            raise UsageError(
                "no-double",
                f"the seam {seam.name!r} has no double",
                way_out=f'give [tool.ripstop.seams.{seam.name}] double = "module:attribute"',
            )
        double = load(
            seam.double,
            config.root,
            name=seam.name,
            webhook=seam.webhook,
            webhook_secret=seam.webhook_secret,
        )
        return cls.around(double, seam, ground)

    @classmethod
    def deserted(cls, seam: SeamConfig, _config: Config, ground: Ground) -> HttpStand:
        """A stand with nobody behind it, for who needs the other servers alone: it loads nothing."""
        return cls.around(Double(seam.name), seam, ground)

    @classmethod
    def around(cls, double: Double, seam: SeamConfig, ground: Ground) -> HttpStand:
        deliveries = Deliveries(seam.name, ground.base_url)
        double.deliver = deliveries.deliver if seam.webhook else None
        if clock := ground.clock:
            double.now = lambda: clock.now_ns() / 1e9
        tls = ground.authority.server_context() if seam.hosts else None
        server = HttpSeam(seam.name, double, ground.board, port=seam.port, tls=tls, after=double.flush)
        return cls(double, server, deliveries, seam.hosts)

    def direct(self) -> None:
        return None

    def proxied(self) -> Address:
        return web_address(self.seam.port)

    def open(self, activity: Callable[[], object]) -> None:
        """A ledger needs no watching."""

    def close(self) -> None:
        self.deliveries.stop()

    def begin(self) -> None:
        self._base = 0
        self.deliveries.clear()
        self.double.reset()

    def enter_call(self) -> None:
        self._base = len(self.double.ledger.effects())

    def observe(self) -> Observation:
        mine = self.double.ledger.effects()[self._base :]
        return Observation(effects=tuple(replace(effect, seam=self.seam.name) for effect in mine))

    def busy(self) -> tuple[str, ...]:
        return (*self.seam.busy(), *self.deliveries.busy())

    def redeliver(self) -> int:
        return self.deliveries.again()

    def mark(self, stand_down: Callable[[], None]) -> str:
        return ""

    def reset(self, stand_down: Callable[[], None]) -> str:
        return ""

    def end_cut_sessions(self) -> tuple[str, ...]:
        return ()

    def facts(self, operation: str) -> Facts:
        errors, shapes = self.double.facts_for(operation)
        reply = self.seam.last_reply(operation)
        webhooks = self.double.deliver is not None
        return Facts(errors=errors, error_shapes=shapes, reply=reply, hosts=self.hosts, webhooks=webhooks)

    def problems(self) -> tuple[str, ...]:
        return tuple(self.seam.problems)

    def refused(self) -> tuple[str, ...]:
        return tuple(str(one) for one in self.double.refusals)


def web_address(port: int) -> Address:
    """A loopback port as a configuration's templates name it."""
    return {"url": f"http://{HOST}:{port}", "host": HOST, "port": str(port)}
