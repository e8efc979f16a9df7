"""The server's side of an AUTH exchange (RFC 4954) that lets everybody in and keeps no credential."""

from __future__ import annotations

import base64
import binascii

from ripstop.wire.smtp.server import say

OFFERED = "AUTH PLAIN LOGIN"
"""What an EHLO reply says. Others that need no challenge of ours are let in when a client tries them."""
_CHALLENGES = {
    "PLAIN": ("",),
    "LOGIN": ("Username:", "Password:"),
    "XOAUTH2": ("",),
    "OAUTHBEARER": ("",),
}
_ACCEPTED = say(235, "2.7.0 Authentication successful")


class Authentication:
    """One exchange: ``begin`` with the command's argument, then ``answer`` with each line.

    Both give the reply to send; ``over`` is True once no further line belongs to the exchange.
    """

    def __init__(self) -> None:
        self.over = False
        self.accepted = False
        self._left: list[str] = []

    def begin(self, argument: str) -> bytes:
        mechanism, _, initial = argument.partition(" ")
        if mechanism.upper() not in _CHALLENGES:
            return self._refuse(504)
        self._left = list(_CHALLENGES[mechanism.upper()])
        if initial:
            return self._take(initial.strip())
        return self._challenge()

    def answer(self, line: str) -> bytes:
        """A line of the client; ``*`` gives the exchange up (RFC 4954, 4)."""
        if line == "*":
            return self._refuse(501, "5.7.0 Authentication cancelled")
        return self._take(line)

    def _take(self, encoded: str) -> bytes:
        """The initial response ``=`` stands for an empty one."""
        if not _is_base64("" if encoded == "=" else encoded):
            return self._refuse(501, "5.5.2 Cannot decode base64")
        self._left.pop(0)
        if self._left:
            return self._challenge()
        self.over = self.accepted = True
        return _ACCEPTED

    def _challenge(self) -> bytes:
        return b"334 " + base64.b64encode(self._left[0].encode()) + b"\r\n"

    def _refuse(self, code: int, text: str = "") -> bytes:
        self.over = True
        return say(code, text)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text.encode("ascii", "replace"), validate=True)
    except binascii.Error:
        return False
    return True
