"""Loopback ports: one that is free, and whether one is taken."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

HOST = "127.0.0.1"
_LOWEST = 20_000
_DYNAMIC = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUAL_DYNAMIC = 32_768
_TRIES = 100


def free_port() -> int:
    """A port that is free now; whoever takes it must be ready to ask again.

    One of those that the kernel gives nobody by itself (it gives the dynamic ones: RFC 6335, 6), so that a
    server that is started again does not find that a client's connection was given its port meanwhile.
    """
    own = range(_LOWEST, _first_dynamic())
    # Not of the usual generator, which a test run may have seeded as another one is.
    for port in secrets.SystemRandom().sample(own, min(_TRIES, len(own))):
        if not taken(port):
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _first_dynamic() -> int:
    try:
        return int(_DYNAMIC.read_text().split()[0])
    except OSError:
        return _USUAL_DYNAMIC


def taken(port: int) -> bool:
    """Whether another socket listens on the port. A closed connection that lingers does not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
        return False
