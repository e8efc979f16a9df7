"""A client that speaks bytes, for what no driver shows: the exact messages and their order."""

from __future__ import annotations

import socket
import struct

from ripstop.model.address import PostgresAddress
from ripstop.wire.postgres import messages

Message = tuple[str, bytes]


class Raw:
    """A session on a blocking socket. Logs in as far as ``trust`` goes."""

    def __init__(self, address: PostgresAddress, **parameters: str) -> None:
        self.socket = socket.create_connection((address.host, address.port), timeout=10)
        self._early = b""
        named = {"user": address.user, "database": address.database, **parameters}
        body = b"".join(messages.text(key) + messages.text(value) for key, value in named.items()) + b"\0"
        self.send(struct.pack(">II", len(body) + 8, 196608) + body)
        self.greeting = self.until("Z")

    def send(self, *data: bytes) -> None:
        self.socket.sendall(b"".join(data))

    def until(self, tag: str) -> list[Message]:
        """Messages up to and including the next of a type."""
        found: list[Message] = []
        while not found or found[-1][0] != tag:
            found.append(self.one())
        return found

    def one(self) -> Message:
        head = self._exactly(5)
        (length,) = struct.unpack(">I", head[1:])
        return chr(head[0]), self._exactly(length - 4)

    def close(self) -> None:
        self.socket.close()

    def _exactly(self, size: int) -> bytes:
        while len(self._early) < size:
            data = self.socket.recv(65_536)
            if not data:
                raise EOFError(self._early)
            self._early += data
        taken, self._early = self._early[:size], self._early[size:]
        return taken


def prepared(sql: str, name: str = "") -> bytes:
    """Parse, Bind, Describe and Execute of a statement, without a Sync."""
    describe = messages.message(b"D", b"P" + messages.text(name))
    return messages.parse(name, sql) + messages.bind(name, name) + describe + messages.execute(name)
