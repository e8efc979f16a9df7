"""What an SMTP client sends: command lines, message content up to its final dot, octets to skip.

Bounded: a line that is too long is thrown away as it comes and told of once. No socket, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass

LINE_LIMIT_BYTES = 12_288
"""The longest line any command may take: AUTH's (RFC 4954, 4). Others are the server's to judge."""
_END = b"\r\n.\r\n"
_ADDRESS_LIMIT = 320


@dataclass(frozen=True, slots=True)
class Command:
    """One command line. ``raw`` is as it was sent, line end included; ``verb`` is in capitals.

    ``too_long`` marks a line beyond the bound; of it nothing else is kept.
    """

    raw: bytes = b""
    verb: str = ""
    argument: str = ""
    too_long: bool = False

    @property
    def path(self) -> str:
        """The address of MAIL FROM or RCPT TO, without its angle brackets, bounded.

        >>> parse(b"RCPT TO:<ann@example.org> NOTIFY=NEVER\\r\\n").path
        'ann@example.org'
        """
        rest = self.argument.partition(":")[2].strip()
        inner = rest[1:].partition(">")[0] if rest.startswith("<") else rest.partition(" ")[0]
        return inner[:_ADDRESS_LIMIT]


def parse(line: bytes) -> Command:
    """A line as a command (RFC 5321, 4.1.1: verbs have no case). Never fails.

    >>> parse(b"mail FROM:<a@b> SIZE=5\\r\\n").verb
    'MAIL'
    """
    text = line.rstrip(b"\r\n").decode("utf-8", "replace")
    verb, _, argument = text.partition(" ")
    return Command(line, verb.upper(), argument.strip())


class ClientReader:
    """Bytes of the client in order, taken as lines or as a message's content, as the caller asks."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._skipping_line = False
        self._tail = b""

    @property
    def waiting_bytes(self) -> int:
        return len(self._waiting)

    def receive(self, data: bytes) -> None:
        self._waiting += data

    def clear(self) -> None:
        """Throw away what has not been taken."""
        self._waiting.clear()
        self._skipping_line = False

    def next_command(self) -> Command | None:
        """The next whole line; None until there is one."""
        end = self._waiting.find(b"\n")
        if end < 0:
            if len(self._waiting) > LINE_LIMIT_BYTES:
                self.clear()
                self._skipping_line = True
            return None
        line = self._take(end + 1)
        if self._skipping_line or len(line) > LINE_LIMIT_BYTES:
            self._skipping_line = False
            return Command(too_long=True)
        return parse(line)

    def begin_content(self) -> None:
        """What follows is a message, until a line that is a single dot (RFC 5321, 4.1.1.4)."""
        # The line end of the DATA command is the one before the first line.
        self._tail = b"\r\n"

    def take_content(self) -> tuple[bytes, bool]:
        """Content that has come, dots as they were sent, and whether the final dot is its end."""
        window = self._tail + self._waiting
        found = window.find(_END)
        if found >= 0:
            return self._take(found + len(_END) - len(self._tail)), True
        self._tail = window[-(len(_END) - 1) :]
        return self._take(len(self._waiting)), False

    def skip(self, count: int) -> int:
        """Throw away up to ``count`` octets that have come; how many are still to be skipped."""
        return count - len(self._take(min(count, len(self._waiting))))

    def rest(self) -> bytes:
        """Everything not taken yet."""
        return self._take(len(self._waiting))

    def _take(self, size: int) -> bytes:
        taken = bytes(self._waiting[:size])
        del self._waiting[:size]
        return taken
