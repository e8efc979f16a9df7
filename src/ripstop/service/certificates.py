"""Certificates for servers of ours that stand where a real one is expected: one authority, any name.

The authority lives as long as a rig and is trusted by nobody but the services we start. Who serves
with a context, and who is told to trust the authority, is decided elsewhere.
"""

from __future__ import annotations

import ssl
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

import idna
import trustme

from ripstop.service.watch import Watched, unmade

_CONTEXTS = 64
_NAME_LIMIT = 253
_NAMELESS = ("localhost", "127.0.0.1")
_ALPN = ("http/1.1",)


@dataclass(slots=True, eq=False)
class Authority:
    """A certificate authority of our own. ``folder`` is private to this account.

    It goes with ``close``, or with the process that made it, however that ends.
    """

    folder: Path
    _ca: trustme.CA
    _keeper: Watched
    _contexts: OrderedDict[tuple[str, tuple[str, ...]], ssl.SSLContext] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def create(cls) -> Authority:
        """A new authority, its certificate written to ``ca_path``."""
        folder = unmade("ca")
        authority = cls(folder, trustme.CA(), Watched.spawn(remove=[str(folder)]))
        folder.mkdir(mode=0o700)
        authority._ca.cert_pem.write_to_path(authority.ca_path)
        return authority

    @property
    def ca_path(self) -> Path:
        """The PEM file of the authority's certificate, for clients to trust; it has no private key."""
        return self.folder / "ca.pem"

    def context_for(self, host: str, *, alpn: tuple[str, ...] = _ALPN) -> ssl.SSLContext:
        """A server's context for one name; empty stands for a client that named none (no SNI).

        The newest 64 are kept. ``alpn`` are the protocols offered (RFC 7301); a client that offers
        none of them goes on without. Any thread may ask.
        """
        key = (_name(host), alpn)
        with self._lock:
            context = self._contexts.pop(key, None) or self._issue(*key)
            self._contexts[key] = context
            if len(self._contexts) > _CONTEXTS:
                self._contexts.popitem(last=False)
            return context

    def server_context(self, *, alpn: tuple[str, ...] = _ALPN) -> ssl.SSLContext:
        """A context of its own that presents a certificate for whatever name a client asks for (SNI)."""

        def choose(connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
            connection.context = self.context_for(name or "", alpn=alpn)

        context = self._issue("", alpn)
        context.sni_callback = choose
        return context

    def close(self) -> None:
        """Remove the folder. Contexts given out go on working; calling it twice is harmless."""
        self._keeper.stop()

    def _issue(self, host: str, alpn: tuple[str, ...]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*([host] if host else _NAMELESS)).configure_cert(context)
        context.set_alpn_protocols(list(alpn))
        return context


def _name(host: str) -> str:
    """The name a certificate is issued for, lower case; empty for what no certificate can carry."""
    name = host.rstrip(".").lower()
    try:
        length = len(idna.encode(name, uts46=True))
    except idna.IDNAError:
        return ""
    return name if length <= _NAME_LIMIT else ""
