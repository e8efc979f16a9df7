"""The first packets of a connection, which have a length but no type byte (PostgreSQL 18, 54.2.1).

What is answered to them is the seam's business.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ripstop.wire.postgres.messages import WireError

LIMIT_BYTES: Final = 10_000
"""The longest start-up packet a server takes (MAX_STARTUP_PACKET_LENGTH)."""

CANCEL_CODE: Final = 80877102
SSL_CODE: Final = 80877103
GSS_CODE: Final = 80877104
_LEAST = 8
_TLS_HANDSHAKE = 0x16


@dataclass(frozen=True, slots=True)
class TlsHello:
    """The client speaks TLS at once, without asking (``sslnegotiation=direct``)."""


@dataclass(frozen=True, slots=True)
class SslRequest:
    """May we speak TLS? Answered with ``S`` or ``N``."""


@dataclass(frozen=True, slots=True)
class GssRequest:
    """May we encrypt with GSSAPI? Answered with ``N``."""


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Cancel what a backend does. ``packet`` is passed on as it came: keys may have any length."""

    packet: bytes


@dataclass(frozen=True, slots=True)
class Startup:
    """A session is to begin. ``packet`` is the whole StartupMessage as it came."""

    packet: bytes
    major: int
    minor: int
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def replication(self) -> bool:
        """True where the session will speak the replication protocol too (54.4)."""
        return self.parameters.get("replication", "false") not in ("false", "off", "no", "0")


Opening = TlsHello | SslRequest | GssRequest | CancelRequest | Startup


def read_opening(data: bytes) -> tuple[Opening, int] | None:
    """The packet that ``data`` begins with and its size; None while it is not whole.

    Raises WireError for a length no server would take and for an unknown protocol.
    """
    if data[:1] == bytes((_TLS_HANDSHAKE,)):
        return TlsHello(), 0
    if len(data) < _LEAST:
        return None
    size, code = struct.unpack_from(">II", data)
    if not _LEAST <= size <= LIMIT_BYTES:
        raise WireError(f"a start-up packet of {size} bytes")
    if len(data) < size:
        return None
    return _opening(data[:size], code), size


def _opening(packet: bytes, code: int) -> Opening:
    if code == CANCEL_CODE:
        return CancelRequest(packet)
    if code == SSL_CODE:
        return SslRequest()
    if code == GSS_CODE:
        return GssRequest()
    major, minor = code >> 16, code & 0xFFFF
    if major != 3:
        raise WireError(f"protocol version {major}.{minor}")
    return Startup(packet, major, minor, _parameters(packet[_LEAST:]))


def _parameters(body: bytes) -> dict[str, str]:
    words = [word.decode(errors="replace") for word in body.split(b"\0")]
    return {key: value for key, value in zip(words[::2], words[1::2], strict=False) if key}
