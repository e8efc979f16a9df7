"""The certificate with which the PostgreSQL seam terminates TLS, and TLS towards the server.

Channel binding (RFC 5929, tls-server-end-point) hashes the server's certificate: it can only pass
where the server presents the same one to us, so a pair may be given to both.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

import trustme

ALPN = ["postgresql"]


@dataclass(slots=True)
class Certificates:
    """Makes TLS contexts lazily. Without files a certificate of our own is made on first use."""

    cert_file: Path | None = None
    key_file: Path | None = None
    _server: ssl.SSLContext | None = field(default=None, init=False)

    @property
    def shared(self) -> bool:
        """True where the server was given the same certificate."""
        return self.cert_file is not None

    def server_context(self) -> ssl.SSLContext:
        if self._server is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            if self.cert_file:
                context.load_cert_chain(self.cert_file, self.key_file)
            else:
                trustme.CA().issue_cert("127.0.0.1", "localhost").configure_cert(context)
            context.set_alpn_protocols(ALPN)
            self._server = context
        return self._server

    def client_context(self) -> ssl.SSLContext:
        """Towards the server on this machine, which is ours: nothing to verify."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(ALPN)
        return context
