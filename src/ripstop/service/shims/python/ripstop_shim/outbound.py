"""Keeps the calls of this process on this machine: puts the rig's table in force."""

from __future__ import annotations

import os

from . import imports, names, trust
from .table import Table, tell

_RESOLVERS_OF_THEIR_OWN = ("uvloop", "aiodns")
"""Whoever would use these has asyncio's loop and the system's resolver to fall back to."""


def install() -> None:
    """Put the table in force. A process without sockets or TLS pays for neither."""
    table = Table(os.environ["RIPSTOP_OUTBOUND"])
    names.install(table)
    imports.watch("ssl", lambda module: trust.patch_ssl(module, table.ca))
    imports.watch("OpenSSL.SSL", lambda module: trust.patch_openssl(module, table.ca))
    for module in _RESOLVERS_OF_THEIR_OWN:
        imports.keep_out(module, lambda name: tell(table, "kept-out", name))
    imports.install()
    tell(table, "loaded", "python")
