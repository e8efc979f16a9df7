"""A provider that really fails once: it dies, falls silent, or lies, with nothing of ours before it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .http_harness import WAIT_S

CHARGED = {"id": "ch_1", "status": "succeeded"}
PAGE = b"<html><body><h1>It works</h1></body></html>"
Fail = Callable[[Any], None]


def unread(handler: Any) -> None:
    """Die with the request unread: closing then makes the kernel reset (RFC 1122, 4.2.2.13)."""
    handler.die_with_bytes_unread()


def done_and_gone(handler: Any) -> None:
    """Read the request, do it, and die while the last byte still lies in the socket."""
    handler.read(but=1)
    handler.server.effects += 1
    handler.die_with_bytes_unread()


def silent(handler: Any) -> None:
    handler.read()
    handler.outlast()


def done_and_silent(handler: Any) -> None:
    handler.read()
    handler.server.effects += 1
    handler.outlast()


def dead_in_the_body(handler: Any) -> None:
    handler.read()
    handler.server.effects += 1
    body = json.dumps(CHARGED).encode()
    handler.head(201, len(body))
    handler.wfile.write(body[: len(body) // 2])
    handler.die()


def answering(status: int, body: bytes) -> Fail:
    def answer(handler: Any) -> None:
        handler.read()
        handler.server.effects += status < 300
        handler.head(status, len(body))
        handler.wfile.write(body)

    return answer


class _Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    rbufsize = 0
    server: Any

    def do_POST(self) -> None:
        fail, self.server.fail = self.server.fail, None
        (fail or answering(201, json.dumps(CHARGED).encode()))(self)

    def read(self, *, but: int = 0) -> None:
        """The body but for its last bytes, which stay in the socket: nothing is buffered."""
        left = int(self.headers["content-length"]) - but
        while left:
            left -= len(self.rfile.read(left))

    def head(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(length))
        self.end_headers()

    def outlast(self) -> None:
        """Say nothing until the client has gone."""
        self.connection.settimeout(WAIT_S)
        with suppress(OSError):
            self.connection.recv(1)
        self.close_connection = True

    def die(self) -> None:
        """What the kernel does with the socket of a process that is gone."""
        self.close_connection = True
        self.connection.close()

    def die_with_bytes_unread(self) -> None:
        """They have to be there first, else the kernel ends in order."""
        self.connection.recv(1, socket.MSG_PEEK)
        self.die()

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_: object) -> None: ...


@contextmanager
def genuine(fail: Fail) -> Iterator[Any]:
    """A server that fails at its first POST; its ``url`` and how many ``effects`` it had."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    server.fail, server.effects = fail, 0
    server.url = f"http://127.0.0.1:{server.server_port}"
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(WAIT_S)
