"""A loopback port that can refuse, vanish and come back under the same number, and a true reset.

Every seam that serves TCP listens through this. What is said on a connection once it is open is
the seam's business, not this file's.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator
from enum import StrEnum
from pathlib import Path

from ripstop.errors import StartError
from ripstop.model.fault import Blackhole, Commands, CutIdle, Refuse

HOST = "127.0.0.1"
_BACKLOG = 512
_DRAIN_S = 1.2
_POLL_S = 0.01
_SO_ATTACH_FILTER = 26
_SO_MEMINFO = 55
_MEMINFO_FIELDS = 9
_BPF_RETURN = 0x06
_SYN_SENT = "02"
_LISTEN = "0A"
_OVERLAPPING = ("", "100007F", "7F000001", "FFFF00000100007F")
"""Addresses that include 127.0.0.1 as the kernel prints them, zeros stripped: any, and itself."""
_End = tuple[str, int]
_ADDRESS_TAKEN = (errno.EADDRINUSE, errno.EACCES)


class State(StrEnum):
    """What a connection attempt meets at the port."""

    STOPPED = "stopped"
    OPEN = "open"
    REFUSING = "refusing"
    BLACKHOLED = "blackholed"


class Listener:
    """A port of 127.0.0.1 that serves ``factory`` protocols while it is open.

    Between start and stop the number stays ours: a second socket, bound and never listening,
    keeps others from being given it. Connections that are open already are not touched by
    refusing or vanishing; cutting those is the seam's part.
    """

    def __init__(self, factory: Callable[[], asyncio.Protocol], *, port: int = 0) -> None:
        self._factory = factory
        self._wanted_port = port
        self._port = 0
        self._state = State.STOPPED
        self._keeper: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._void: socket.socket | None = None
        self._tried = 0
        self._failed_before = 0

    @property
    def port(self) -> int:
        """The number in use; 0 before the start."""
        return self._port

    @property
    def state(self) -> State:
        return self._state

    async def start(self) -> None:
        """Take the port and listen. Raises StartError ``port-taken`` where a fixed one is in use."""
        self._keeper = _keep(self._wanted_port)
        self._port = self._keeper.getsockname()[1]
        await self._open()

    async def stop(self) -> None:
        """Give the port back. Calling it twice is harmless."""
        self._close()
        if self._keeper:
            self._keeper.close()
            self._keeper = None
        self._state = State.STOPPED

    async def refuse(self) -> None:
        """Let the kernel answer every attempt with a reset (ECONNREFUSED).

        A closed port keeps no account: unlike a vanished attempt, a refused one leaves no trace
        that this side could read without privileges. ``failed_attempts`` gives an upper bound.
        """
        self._require_started()
        self._tried = 0 if self._state is State.OPEN else self.attempts()
        self._failed_before = failed_attempts()
        self._close()
        self._state = State.REFUSING

    async def blackhole(self) -> None:
        """Let every attempt vanish: the kernel drops its SYN, and connecting hangs."""
        self._require_started()
        if self._state is State.BLACKHOLED:
            return
        self._tried = 0
        self._close()
        self._void = _void(self._port)
        self._state = State.BLACKHOLED

    async def reopen(self) -> None:
        """Listen again on the same number. Attempts still being repeated then get through."""
        self._require_started()
        if self._state is not State.OPEN:
            self._tried = self.attempts()
            self._close()
            await self._open()

    async def at_step(self, commands: Commands, cut_idle: Callable[[], Awaitable[None]]) -> None:
        """Obey what acts before a step's request. Raises ValueError for any other command."""
        for command in commands:
            match command:
                case CutIdle():
                    await cut_idle()
                case Refuse():
                    await self.refuse()
                case Blackhole():
                    await self.blackhole()
                case _:
                    raise ValueError(f"{command!r} is nothing that can be done before a step")

    async def heal(self) -> None:
        """Listen again. Attempts that vanished are refused first, for as long as the kernel repeats
        one within 1.2 s: an attempt of the broken step must not get through later."""
        if self._state is State.BLACKHOLED and self.attempts_pending():
            await self.refuse()
            until = asyncio.get_running_loop().time() + _DRAIN_S
            while self.attempts_pending() and asyncio.get_running_loop().time() < until:
                await asyncio.sleep(_POLL_S)
        await self.reopen()

    def attempts(self) -> int:
        """Attempts to connect since the port was last closed; kept after it is open again.

        Exact for a port that vanished, repeats by the kernel counted. For one that refuses it is an
        upper bound over all ports of the network namespace: 0 says that nobody tried.
        """
        if self._state is State.BLACKHOLED:
            return self.attempts_dropped()
        if self._state is State.REFUSING:
            return self._tried + failed_attempts() - self._failed_before
        return self._tried

    def attempts_pending(self) -> int:
        """Connection attempts to this port that are waiting for an answer now (SYN_SENT)."""
        return sum(1 for _, remote, state in _sockets("tcp") if (remote[1], state) == (self._port, _SYN_SENT))

    def attempts_dropped(self) -> int:
        """SYNs dropped since the port vanished, repeats of one attempt counted; 0 in other states."""
        if self._void is None:
            return 0
        fields = self._void.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 4 * _MEMINFO_FIELDS)
        return int(struct.unpack(f"{_MEMINFO_FIELDS}I", fields)[-1])

    async def _open(self) -> None:
        listening = _bound(self._port)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._factory, sock=listening, backlog=_BACKLOG)
        self._state = State.OPEN

    def _close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        if self._void:
            self._void.close()
            self._void = None

    def _require_started(self) -> None:
        if self._keeper is None:
            raise RuntimeError("the listener is not started")


def reset(transport: asyncio.BaseTransport) -> None:
    """End a connection with an RST; bytes that were not sent yet never are.

    Closing a socket that lingers for zero seconds discards its send buffer and resets
    (RFC 9293, 3.10.4 ABORT). ``transport.abort()`` alone sends a FIN after what is buffered.
    """
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def failed_attempts() -> int:
    """Connection attempts of this network namespace that failed so far, whatever their port.

    Where this did not grow while a port refused, nobody tried it; where it grew, somebody tried
    some port. The counter is ``AttemptFails`` of RFC 4022.
    """
    names, values = (
        line.split() for line in _read(Path("/proc/self/net/snmp")).splitlines() if line.startswith("Tcp:")
    )
    return int(values[names.index("AttemptFails")])


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii")


def _bound(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((HOST, port))
    except OSError:
        sock.close()
        raise
    return sock


def _keep(port: int) -> socket.socket:
    """The socket that holds the number. It is bound and does not listen."""
    try:
        if port:
            _require_free(port)
        return _bound(port)
    except OSError as failure:
        if failure.errno not in _ADDRESS_TAKEN:
            raise
        raise StartError(
            "port-taken",
            f"port {port} of {HOST} cannot be used: {failure.strerror}",
            way_out="set another port in the configuration, or leave it out to let the kernel choose one",
        ) from failure


def _require_free(port: int) -> None:
    """SO_REUSEPORT would let us share a port on which another program of ours listens."""
    listening = {
        local
        for family in ("tcp", "tcp6")
        for local, _, state in _sockets(family)
        if state == _LISTEN and local[0].strip("0") in _OVERLAPPING
    }
    if any(number == port for _, number in listening):
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def _sockets(family: str) -> Iterator[tuple[_End, _End, str]]:
    """Local end, remote end and state of every socket of this network namespace (proc(5), net/tcp)."""
    table = Path(f"/proc/self/net/{family}")
    for line in _read(table).splitlines()[1:] if table.exists() else ():
        local, remote, state = line.split()[1:4]
        yield _end(local), _end(remote), state


def _end(text: str) -> _End:
    address, _, port = text.partition(":")
    return address, int(port, 16)


def _void(port: int) -> socket.socket:
    """A listening socket whose filter keeps no byte of any packet, so that the kernel drops each."""
    keep_nothing = struct.pack("HBBI", _BPF_RETURN, 0, 0, 0)
    program = ctypes.create_string_buffer(keep_nothing)
    sock = _bound(port)
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(program)))
    sock.listen(1)
    return sock
