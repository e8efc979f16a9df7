"""fakeredis as a TCP server: run as a script, ``python -P fake_redis.py PORT [--requirepass SECRET]``.

fakeredis' own TCP server serves well-behaved Python clients. What a proxy's tests need beyond that is
here: strings and status replies told apart on the wire, RESP3 pushes, inline commands, replies of any
size, and a blocking command that ends with its connection instead of taking the next element for a
client that is gone. One event loop serves every connection, so commands run one at a time.
"""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Generator
from typing import Any

import redis
from fakeredis._core import FakeServer
from fakeredis._helpers import NoResponse, SimpleError, SimpleString
from fakeredis._socket import AsyncFakeSocket

HOST = "127.0.0.1"
VERSION = (7, 4)
_LINE_LIMIT_BYTES = 65_536
_QUEUED_LIMIT_BYTES = 64 << 20


class ProtocolError(Exception):
    """Bytes a server answers with an error before it closes."""


class Socket(AsyncFakeSocket):
    """One connection as fakeredis sees it; what it answers goes straight to the transport."""

    def __init__(self, server: FakeServer, transport: asyncio.Transport, password: bytes) -> None:
        self.transport = transport
        self.locked = password
        self.blocked: asyncio.Task[Any] | None = None
        self.gone = False
        host, port = transport.get_extra_info("peername")[:2]
        super().__init__(server, 0, client_class=redis.Redis, client_info={"addr": f"{host}:{port}"})

    def _unlock(self, fields: list[bytes]) -> bytes:
        """The answer to a connection that has not said the password yet; empty where it now has.

        A HELLO that says it is left without it, for fakeredis to answer.
        """
        words = [field.upper() for field in fields]
        if b"AUTH" not in words[:3] or words[0] not in (b"AUTH", b"HELLO"):
            return b"" if words[0] in (b"QUIT", b"RESET") else b"-NOAUTH Authentication required.\r\n"
        at = words.index(b"AUTH")
        said = fields[at + 1 : at + 3]
        if said not in ([self.locked], [b"default", self.locked]):
            return b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
        del fields[at : at + 1 + len(said)]
        self.locked = b""
        return b"" if fields else b"+OK\r\n"

    def server_databases(self) -> dict[int, Any]:
        """Every logical database, by number."""
        return dict(self._server.dbs)

    def put_response(self, msg: Any) -> None:
        """An answer, already encoded, or a message that nobody asked for."""
        if self.gone or self.transport.is_closing():
            return
        protocol = self._client_info.protocol_version
        if isinstance(msg, Encoded):
            self.transport.write(msg)
        else:
            mark = b">" if protocol == 3 and isinstance(msg, list | tuple) else b""
            self.transport.write(encode(msg, protocol, mark=mark))

    def _decode_result(self, result: Any) -> Any:
        if isinstance(result, NoResponse):
            return result
        return Encoded(encode(result, self._client_info.protocol_version))

    def _process_command(self, fields: list[bytes]) -> None:
        if fields and self.locked and (refusal := self._unlock(fields)):
            self.put_response(Encoded(refusal))
            return
        own = _OWN.get(fields[0].upper()) if fields and not self._queueing else None
        if own is None:
            super()._process_command(fields)
        else:
            self.put_response(Encoded(encode(own(self, fields), self._client_info.protocol_version)))

    def _run_command(self, func: Any, sig: Any, args: list[Any], from_script: bool) -> Any:
        """In RESP3 a connection that subscribed may go on asking for anything."""
        confirms = sig.name in self.ACCEPTED_COMMANDS_WHILE_PUBSUB
        if not self._pubsub or confirms or self._client_info.protocol_version != 3:
            return super()._run_command(func, sig, args, from_script)
        count, self._pubsub = self._pubsub, 0
        try:
            return super()._run_command(func, sig, args, from_script)
        finally:
            self._pubsub = count

    def _unsubscribe(self, channels: Any, subscribers: Any, mtype: bytes) -> NoResponse:
        """Where there was nothing to end, that is confirmed too (pubsub.c, unsubscribeCommand)."""
        if not channels and not any(self in one for one in subscribers.values()):
            self.put_response([mtype, None, self._pubsub])
            return NoResponse()
        return super()._unsubscribe(channels, subscribers, mtype)

    async def _async_blocking(self, *args: Any, **named: Any) -> None:
        self.blocked = asyncio.current_task()
        await super()._async_blocking(*args, **named)

    def resume(self) -> None:
        if not self.gone:
            super().resume()

    def _parse_commands(self) -> Generator[None, Any, None]:
        """Fed with bytes, runs each command once it is whole (networking.c, processInputBuffer)."""
        buffer = b""
        while True:
            while self._paused or b"\n" not in buffer:
                if len(buffer) > _QUEUED_LIMIT_BYTES or (
                    not self._paused and len(buffer) > _LINE_LIMIT_BYTES
                ):
                    raise ProtocolError("too big inline request")
                buffer += yield
            line, _, buffer = buffer.partition(b"\n")
            if line[:1] != b"*":
                self._process_command(_inline(line))
                continue
            fields = []
            for _ in range(_number(line, "invalid multibulk length")):
                while b"\n" not in buffer:
                    buffer += yield
                line, _, buffer = buffer.partition(b"\n")
                if line[:1] != b"$":
                    raise ProtocolError(f"expected '$', got '{line[:1].decode('latin-1')}'")
                size = _number(line, "invalid bulk length") + 2
                parts, there = [buffer], len(buffer)
                while there < size:
                    parts.append((yield))
                    there += len(parts[-1])
                buffer = b"".join(parts)
                fields.append(buffer[: size - 2])
                buffer = buffer[size:]
            self._process_command(fields)


class Encoded(bytes):
    """A reply in wire form."""


def _info(socket: Socket, fields: list[bytes]) -> bytes:
    """What drivers look for when they connect: a version, a role, that nothing is being loaded."""
    version = ".".join(map(str, (*VERSION, 0)))
    sections: dict[str, dict[str, object]] = {
        "server": {"redis_version": version, "redis_mode": "standalone", "os": sys.platform},
        "persistence": {"loading": 0},
        "replication": {"role": "master", "connected_slaves": 0},
        "keyspace": {
            f"db{number}": f"keys={len(db)},expires=0,avg_ttl=0"
            for number, db in sorted(socket.server_databases().items())
            if len(db)
        },
    }
    wanted = {field.decode("latin-1").lower() for field in fields[1:]} - {"all", "default", "everything"}
    lines = []
    for name, values in sections.items():
        if not wanted or name in wanted:
            lines += [f"# {name.capitalize()}", *(f"{key}:{value}" for key, value in values.items()), ""]
    return "\r\n".join(lines).encode()


def _config(_: Socket, fields: list[bytes]) -> Any:
    """No setting is known; setting one changes nothing."""
    return {} if fields[1:2] and fields[1].upper() == b"GET" else SimpleString(b"OK")


_OWN = {b"INFO": _info, b"CONFIG": _config}
"""Commands fakeredis does not know and drivers use."""


class Connection(asyncio.Protocol):
    """A client's connection."""

    def __init__(self, server: FakeServer, password: bytes) -> None:
        self.server = server
        self.password = password
        self.socket: Socket | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.socket = Socket(self.server, transport, self.password)

    def data_received(self, data: bytes) -> None:
        assert self.socket is not None
        assert self.transport is not None
        try:
            self.socket.sendall(data)
        except (redis.ConnectionError, StopIteration):
            self.transport.close()
        except ProtocolError as error:
            self.transport.write(f"-ERR Protocol error: {error}\r\n".encode())
            self.transport.close()
        except Exception as error:
            print(f"fakeredis failed: {error!r}", file=sys.stderr, flush=True)  # noqa: T201
            self.transport.write(f"-ERR internal error: {error!r}\r\n".encode())
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        socket = self.socket
        if socket is None:
            return
        socket.gone = True
        if socket.blocked and not socket.blocked.done():
            socket.blocked.cancel()
            socket.blocked.add_done_callback(lambda _: socket.close())
        else:
            socket.close()


def encode(value: Any, protocol: int, *, mark: bytes = b"") -> bytes:
    """A value as RESP2 or RESP3; ``mark`` takes the place of an array's ``*``."""
    match value:
        case None | NoResponse():
            return b"_\r\n" if protocol == 3 else b"$-1\r\n"
        case SimpleString():
            return b"+%s\r\n" % value.value
        case SimpleError():
            return b"-%s\r\n" % " ".join(value.value.splitlines()).encode()
        case bool():
            return (b"#t\r\n" if value else b"#f\r\n") if protocol == 3 else b":%d\r\n" % value
        case int():
            return b":%d\r\n" % value
        case float():
            text = f"{value:.17g}".encode()
            return b",%s\r\n" % text if protocol == 3 else b"$%d\r\n%s\r\n" % (len(text), text)
        case bytes() | str():
            data = value if isinstance(value, bytes) else value.encode()
            return b"$%d\r\n%s\r\n" % (len(data), data)
        case Exception():
            return b"-ERR %s\r\n" % " ".join(str(value).splitlines()).encode()
    return _group(value, protocol, mark)


def _group(value: Any, protocol: int, mark: bytes) -> bytes:
    if isinstance(value, dict):
        items = [part for pair in value.items() for part in pair]
        head = b"%%%d\r\n" % len(value) if protocol == 3 else b"*%d\r\n" % len(items)
    else:
        items = list(value)
        sets = protocol == 3 and isinstance(value, set | frozenset)
        head = (mark or (b"~" if sets else b"*")) + b"%d\r\n" % len(items)
    return head + b"".join(encode(item, protocol) for item in items)


def _inline(line: bytes) -> list[bytes]:
    """A command typed as a line, quotes as a shell has them."""
    try:
        return [word.encode("latin-1") for word in shlex.split(line.decode("latin-1"))]
    except ValueError as error:
        raise ProtocolError("unbalanced quotes in request") from error


def _number(line: bytes, complaint: str) -> int:
    digits = line[1:].strip()
    if not digits.lstrip(b"-").isdigit() or len(digits) > 10:
        raise ProtocolError(complaint)
    return int(digits)


async def serve(port: int, password: str | None) -> None:
    """Listen until the process is ended."""
    fake = FakeServer(version=VERSION, server_type="redis")
    secret = (password or "").encode()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(fake, secret), HOST, port)
    async with server:
        await server.serve_forever()


def main(arguments: list[str]) -> None:
    password = arguments[2] if len(arguments) > 2 and arguments[1] == "--requirepass" else None
    asyncio.run(serve(int(arguments[0]), password))


if __name__ == "__main__":
    main(sys.argv[1:])
