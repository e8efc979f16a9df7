"""Mail received by a mail server of ours: each one an effect, and what a person would read of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ripstop.doubles.ledger import Ledger
from ripstop.doubles.mail import read
from ripstop.model.mail import Mail
from ripstop.model.state import Effect

KIND = "mail"
_MAILS = 1_000


class Mailbox:
    """Everything that was sent since the last reset, oldest first. Any thread may read it.

    An effect says ``from`` and ``to`` (the envelope's, ``to`` sorted), ``subject`` and ``id``, the
    Message-ID; those that change from run to run are found by comparing, as with every effect.
    ``key_header`` names a header whose value is the effect's idempotency key; mail has none of itself.
    """

    def __init__(self, name: str, *, key_header: str | None = None) -> None:
        self.name = name
        self.ledger = Ledger(name)
        self._key_header = key_header
        self._sent: deque[Mail] = deque(maxlen=_MAILS)

    @property
    def sent(self) -> tuple[Mail, ...]:
        """The mails, oldest first; of more than a thousand the newest."""
        return tuple(self._sent)

    @property
    def effects(self) -> tuple[Effect, ...]:
        return self.ledger.effects()

    def deliver(self, sender: str, recipients: Sequence[str], content: bytes) -> None:
        """Take a message as it came off the wire."""
        mail = read(sender, recipients, content)
        key = mail.header(self._key_header) if self._key_header else None
        data = {
            "from": mail.sender,
            "to": sorted(mail.recipients),
            "subject": mail.subject,
            "id": mail.header("message-id"),
        }
        self._sent.append(mail)
        self.ledger.record(KIND, key=key, data=data)

    def reset(self) -> None:
        """Forget everything that was sent."""
        self._sent.clear()
        self.ledger.clear()
