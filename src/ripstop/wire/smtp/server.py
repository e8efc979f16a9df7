"""What an SMTP server sends: replies of one or more lines, and the replies we say in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

REPLY_LIMIT_BYTES = 65_536
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_TEXTS = {
    421: "4.3.2 Service not available, closing transmission channel",
    450: "4.2.1 Requested mail action not taken: mailbox unavailable",
    451: "4.3.0 Requested action aborted: error in processing",
    452: "4.3.1 Requested action not taken: insufficient system storage",
    454: "4.7.0 Temporary authentication failure",
    500: "5.5.2 Syntax error, command unrecognized",
    501: "5.5.4 Syntax error in parameters or arguments",
    502: "5.5.1 Command not implemented",
    503: "5.5.1 Bad sequence of commands",
    504: "5.5.4 Command parameter not implemented",
    535: "5.7.8 Authentication credentials invalid",
    550: "5.1.1 Requested action not taken: mailbox unavailable",
    551: "5.1.6 User not local",
    552: "5.2.2 Requested mail action aborted: exceeded storage allocation",
    553: "5.1.3 Requested action not taken: mailbox name not allowed",
    554: "5.6.0 Transaction failed",
}
"""Texts after RFC 5321, 4.2.2, with enhanced status codes of RFC 3463."""


class WireError(Exception):
    """These bytes are no SMTP reply."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. ``raw`` is as it was sent; ``lines`` are its texts, without code and line ends."""

    code: int
    lines: tuple[str, ...] = ()
    raw: bytes = b""

    @property
    def positive(self) -> bool:
        return 200 <= self.code < 300


def say(code: int, text: str = "") -> bytes:
    """A reply of one line; without a text, the one the RFC gives the code.

    >>> say(503)
    b'503 5.5.1 Bad sequence of commands\\r\\n'
    """
    return f"{code} {text or text_of(code)}\r\n".encode("ascii", "replace")


def text_of(code: int) -> str:
    """What a server says beside a code."""
    general = "4.0.0 Requested action not taken" if code < 500 else "5.0.0 Requested action not taken"
    return _TEXTS.get(code, general)


def code_of(said: bytes) -> int:
    """The code of the last line of replies that were said."""
    last = said.rstrip(b"\r\n").rpartition(b"\n")[2]
    return int(last[:3]) if last[:3].isdigit() else 0


def offer(reply: Reply, *, add: Iterable[str] = (), drop: Iterable[str] = ()) -> bytes:
    """An EHLO reply with other extensions offered (RFC 5321, 4.1.1.1); its first line stays.

    ``drop`` are keywords, also in their old form with an equals sign (``AUTH=LOGIN``).
    """
    gone = {word.upper() for word in drop}
    greeting, *offered = reply.lines or ("",)
    kept = [line for line in offered if _keyword(line) not in gone]
    kept += [line for line in add if _keyword(line) not in {_keyword(one) for one in kept}]
    texts = [greeting, *kept]
    joined = [f"{reply.code}-{text}\r\n" for text in texts[:-1]] + [f"{reply.code} {texts[-1]}\r\n"]
    return "".join(joined).encode("utf-8", "surrogateescape")


class ReplyReader:
    """Bytes of the server in order, taken as whole replies."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def receive(self, data: bytes) -> None:
        self._waiting += data

    def next_reply(self) -> Reply | None:
        """The next whole reply; None until there is one. Raises WireError for anything else."""
        at, code, texts = 0, 0, list[str]()
        while (end := self._waiting.find(b"\n", at)) >= 0:
            found = _LINE.fullmatch(self._waiting[at:end].rstrip(b"\r"))
            if found is None or code not in (0, int(found[1])):
                raise WireError(f"no reply: {bytes(self._waiting[at : at + 40])!r}")
            code, at = int(found[1]), end + 1
            texts.append((found[3] or b"").decode("utf-8", "surrogateescape"))
            if found[2] != b"-":
                return Reply(code, tuple(texts), self._take(at))
            if at > REPLY_LIMIT_BYTES:
                break
        if len(self._waiting) > REPLY_LIMIT_BYTES:
            raise WireError(f"a reply of more than {REPLY_LIMIT_BYTES} bytes")
        return None

    def rest(self) -> bytes:
        """Everything not taken yet."""
        return self._take(len(self._waiting))

    def _take(self, size: int) -> bytes:
        taken = bytes(self._waiting[:size])
        del self._waiting[:size]
        return taken


def _keyword(line: str) -> str:
    return line.replace("=", " ").split(" ")[0].upper()
