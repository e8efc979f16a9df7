"""Names and addresses: intercepted hosts lead to their seams, loopback passes, all else is refused.

Done in ``_socket``, below ``socket``: asyncio, gevent and every pure Python client stand on it, and a
process that never opens a socket pays nothing. A name that is refused fails as one that does not
exist (EAI_NONAME), an address as a port where nobody listens (ECONNREFUSED); datagrams to elsewhere
vanish, as datagrams do. Libraries that resolve or connect in C of their own are not met here.
"""

from __future__ import annotations

import _socket
import errno
import os
import sys

from .table import HOME, Table, client, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MAPPED = "::ffff:"
_DISCARD = 9
_HOSTS_FILE = "/etc/hosts"
_real_getaddrinfo = _socket.getaddrinfo
_real_socket: Any = _socket.socket


def install(table: Table) -> None:
    """Replace what leads out of the process, in ``_socket`` and in a ``socket`` that is loaded already."""
    guard = _Guard(table)
    replaced: dict[str, Any] = {"getaddrinfo": guard.getaddrinfo}
    for name in ("gethostbyname", "gethostbyname_ex", "gethostbyaddr"):
        replaced[name] = _by_name(guard, getattr(_socket, name))
    replaced["socket"] = replaced["SocketType"] = _socket_type(guard)
    loaded = sys.modules.get("socket")
    for name, value in replaced.items():
        setattr(_socket, name, value)
        if loaded and name.startswith("gethost"):
            setattr(loaded, name, value)
    if loaded:
        for name in ("connect", "connect_ex", "sendto"):
            setattr(loaded.socket, name, getattr(replaced["socket"], name))


class _Guard:
    """Decides by the table; raises what a refusal is."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def getaddrinfo(
        self,
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        # Names that are numbers, or must be, ask nobody.
        if not flags & _socket.AI_NUMERICHOST:
            host = self.resolved(host, port)
        return _real_getaddrinfo(host, port, family, type, proto, flags)

    def resolved(self, host: Any, port: Any = 0) -> Any:
        """What stands for a host: an address for an intercepted name, itself where it is local."""
        name = _plain(host)
        if not name or _numeric(name):
            return host
        address = self._table.address_of(name)
        if address and not self._table.is_dark(name):
            return address
        if not address and _local_name(name):
            return host
        tell(self._table, "dark" if address else "refused", name, port, client())
        raise _socket.gaierror(_socket.EAI_NONAME, "Name or service not known")

    def destination(self, sock: Any, address: Any) -> Any:
        """Where a socket connects instead of ``address``; None where it may not."""
        if sock.family not in (_socket.AF_INET, _socket.AF_INET6) or not isinstance(address, tuple):
            return address
        host, port, *rest = address
        host = self.resolved(host, port)
        bare, prefix = _bare(host)
        seam = self._table.ports.get(bare)
        if seam:
            return (prefix + HOME, seam, *rest)
        if _local_address(bare):
            return (host, port, *rest)
        datagram = sock.type == _socket.SOCK_DGRAM
        tell(self._table, "datagram" if datagram else "refused", str(bare), port, client())
        return None


def _socket_type(guard: _Guard) -> Any:
    class Socket(_real_socket):  # type: ignore[misc]
        """The socket beneath ``socket.socket``."""

        __slots__ = ()

        def connect(self, address: Any) -> None:
            to = guard.destination(self, address) or _nowhere(self)
            if to is None:
                raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
            _real_socket.connect(self, to)

        def connect_ex(self, address: Any) -> int:
            to = guard.destination(self, address) or _nowhere(self)
            return errno.ECONNREFUSED if to is None else int(_real_socket.connect_ex(self, to))

        def sendto(self, data: Any, *rest: Any) -> int:
            to = guard.destination(self, rest[-1]) if rest else ()
            if to is None:
                return len(memoryview(data).cast("B"))
            return int(_real_socket.sendto(self, data, *rest[:-1], to))

    Socket.__name__ = Socket.__qualname__ = "socket"
    Socket.__module__ = "_socket"
    return Socket


def _by_name(guard: _Guard, real: Any) -> Any:
    def look_up(name: Any) -> Any:
        """As the function of this name in ``socket``."""
        return real(guard.resolved(name))

    look_up.__name__ = look_up.__qualname__ = real.__name__
    return look_up


def _nowhere(sock: Any) -> Any:
    """For datagrams an end that nobody reads: connecting sends nothing, and services do it to see
    their own address."""
    if sock.type != _socket.SOCK_DGRAM:
        return None
    return (HOME, _DISCARD) if sock.family == _socket.AF_INET else ("::1", _DISCARD)


def _plain(host: Any) -> str:
    """A host as the table has it."""
    if isinstance(host, (bytes, bytearray)):
        host = str(host, "ascii", "replace")
    elif isinstance(host, str) and not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return str(host)
    return host.rstrip(".").lower() if isinstance(host, str) else ""


def _numeric(name: str) -> bool:
    if ":" in name:
        return True
    try:
        _socket.inet_aton(name)
    except OSError:
        return False
    return True


def _bare(host: Any) -> tuple[Any, str]:
    """An address without the prefix that carries IPv4 in IPv6, and the prefix."""
    name = _plain(host)
    if name.startswith(_MAPPED):
        return name[len(_MAPPED) :], _MAPPED
    return name, ""


def _local_name(name: str) -> bool:
    """Names this machine has for itself or lists itself; no other is asked for them."""
    if name == "localhost" or name.endswith(".localhost") or name == _socket.gethostname().lower():
        return True
    try:
        with open(_HOSTS_FILE, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return any(name in line.partition("#")[0].lower().split()[1:] for line in file)
    except OSError:
        return False


def _local_address(host: str) -> bool:
    """Loopback, any address, and the machine's own: those alone can be bound."""
    if host.startswith("127.") or host in ("", "0.0.0.0", "::", "::1", "<broadcast>"):  # noqa: S104
        return True
    probe = _real_socket(_socket.AF_INET6 if ":" in host else _socket.AF_INET, _socket.SOCK_DGRAM)
    try:
        probe.bind((host, 0))
    except OSError:
        return False
    finally:
        probe.close()
    return True
