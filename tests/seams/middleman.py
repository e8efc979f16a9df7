"""What stands between a client and a server and really fails: a reset, a silence, a server that restarts.

Written with plain blocking sockets, with nothing of ours in it. And a server whose kernel drops what comes.
"""

from __future__ import annotations

import contextlib
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
        with contextlib.suppress(OSError), client, server:
            while request := client.recv(65_536):
                strikes = self.trigger in request and self.how
                if strikes:
                    self.how = ""
                if strikes == "silence":
                    client.recv(1)
                    return
                if strikes == "before":
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
                    return
                server.sendall(request)
                answer = server.recv(65_536)
                if strikes == "after":
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
                    return
                client.sendall(answer)
                if strikes == "restart":
                    client.close()
                    self.ended.set()
                    return

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
