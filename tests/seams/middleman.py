"""What stands between a client and a server and really fails: a reset, a silence, a server that restarts.

Written with plain blocking sockets, with nothing of ours in it. And a server whose kernel drops what comes.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

HOST = "127.0.0.1"
RST = struct.pack("ii", 1, 0)


class Middleman:
    """Passes bytes on until a request with ``trigger`` in it comes; then, once, does as ``how`` says.

    ``before`` resets without passing it on, ``after`` passes it on and resets at the answer, ``silence``
    does neither, and ``restart`` ends a connection in order when it has been answered.
    """

    def __init__(self, upstream: int, trigger: bytes, how: str) -> None:
        self.upstream, self.trigger, self.how = upstream, trigger, how
        self.ended = threading.Event()
        self._server = socket.create_server((HOST, 0))
        self._open: list[socket.socket] = [self._server]
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection((HOST, self.upstream))
                self._open += [client, server]
                threading.Thread(target=self._talk, args=(client, server), daemon=True).start()

    def _talk(self, client: socket.socket, server: socket.socket) -> None:
        """Bytes go either way as they come: answers to what was sent in one piece may come in several."""
        with contextlib.suppress(OSError, ValueError), client, server:
            while True:
                ready, _, _ = select.select([client, server], [], [])
                if server in ready and not self._passed(server, client):
                    return
                if client in ready and (
                    not (request := client.recv(65_536)) or self._struck(request, client, server)
                ):
                    return

    def _passed(self, source: socket.socket, to: socket.socket) -> bool:
        data = source.recv(65_536)
        to.sendall(data)
        return bool(data)

    def _struck(self, request: bytes, client: socket.socket, server: socket.socket) -> bool:
        """Pass a request on, unless it is the one to strike at; True where the connection is over."""
        strikes = self.trigger in request and self.how
        if not strikes:
            server.sendall(request)
            return False
        self.how = ""
        if strikes == "silence":
            client.recv(1)
        elif strikes == "before":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
        else:
            server.sendall(request)
            answer = server.recv(65_536)
            if strikes == "after":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
            else:
                client.sendall(answer)
                client.close()
                self.ended.set()
        return True

    def close(self) -> None:
        for one in self._open:
            one.close()


@contextmanager
def between(upstream: int, trigger: bytes, how: str) -> Iterator[Middleman]:
    one = Middleman(upstream, trigger, how)
    try:
        yield one
    finally:
        one.close()


@contextmanager
def overrun() -> Iterator[int]:
    """The port of a server that accepts nobody and whose queue is full: attempts are dropped (listen(2))."""
    with socket.create_server((HOST, 0), backlog=0) as server, contextlib.ExitStack() as waiting:
        for _ in range(3):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@contextmanager
def nobody() -> Iterator[int]:
    """A port at which nobody listens."""
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        yield closed.getsockname()[1]
