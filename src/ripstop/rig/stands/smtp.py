"""The stand of an smtp seam: a mail server that keeps everything, the proxy before it, the mailbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ripstop.config import Config, SeamConfig
from ripstop.doubles.mailbox import Mailbox
from ripstop.model.fault import Facts
from ripstop.model.state import Observation
from ripstop.rig.loop import WireThread
from ripstop.rig.stand import Address, Ground
from ripstop.seams.smtp import SmtpSeam
from ripstop.service.mail import MailServer

_ACCOUNT = "service"
"""Any user and password are let in; templates need some."""


@dataclass(slots=True)
class SmtpStand:
    """``mailbox`` holds what was sent."""

    mailbox: Mailbox
    server: MailServer
    seam: SmtpSeam
    _wire: WireThread
    _base: int = 0

    @classmethod
    def build(cls, seam: SeamConfig, _config: Config, ground: Ground) -> SmtpStand:
        """Start the mail server. Raises UsageError ``extra-missing``."""
        mailbox = Mailbox(seam.name)
        server = MailServer(mailbox.deliver)
        ground.wire.run(server.start())
        tls = None if seam.tls == "off" else ground.authority.server_context(alpn=())
        proxy = SmtpSeam(
            seam.name,
            server.address,
            ground.board,
            port=seam.port,
            tls=tls,
            implicit=seam.tls == "implicit",
        )
        return cls(mailbox, server, proxy, ground.wire)

    def direct(self) -> Address:
        host, port = self.server.address
        return _address("smtp", host, port)

    def proxied(self) -> Address:
        scheme, _, rest = self.seam.url.partition("://")
        host, _, port = rest.rpartition(":")
        return _address(scheme, host, int(port))

    def open(self, activity: Callable[[], object]) -> None:
        """A mailbox needs no watching."""

    def close(self) -> None:
        self._wire.run(self.server.stop())

    def begin(self) -> None:
        self._base = 0
        self.mailbox.reset()

    def enter_call(self) -> None:
        self._base = len(self.mailbox.effects)

    def observe(self) -> Observation:
        mine = self.mailbox.effects[self._base :]
        return Observation(effects=tuple(replace(effect, seam=self.seam.name) for effect in mine))

    def busy(self) -> tuple[str, ...]:
        return self.seam.busy()

    def redeliver(self) -> int:
        return 0

    def mark(self, stand_down: Callable[[], None]) -> str:
        return ""

    def reset(self, stand_down: Callable[[], None]) -> str:
        return ""

    def end_cut_sessions(self) -> tuple[str, ...]:
        return ()

    def facts(self, operation: str) -> Facts:
        return Facts()

    def problems(self) -> tuple[str, ...]:
        return (*self.server.problems, *self.seam.notes)

    def refused(self) -> tuple[str, ...]:
        return ()


def _address(scheme: str, host: str, port: int) -> Address:
    return {
        "url": f"{scheme}://{_ACCOUNT}:{_ACCOUNT}@{host}:{port}",
        "host": host,
        "port": str(port),
        "user": _ACCOUNT,
        "password": _ACCOUNT,
    }
