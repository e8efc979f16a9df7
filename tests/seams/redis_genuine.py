"""Real failures of a Redis server: recorded from redis-server 7.0.15, and provoked on a local one.

A recorded server answers each command with the bytes that server was seen to send in that state.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress

import redis

from ripstop.service.redis import RedisServer
from ripstop.wire.redis.requests import Request, Requests
from ripstop.wire.redis.session import Session

HELLO = (
    b"%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:4\r\n"
    b"$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"
)
ABORTED = b"-EXECABORT Transaction discarded because of previous errors.\r\n"
ANSWERS = {"HELLO": HELLO, "GET": b"$1\r\nv\r\n", "EXEC": ABORTED}
ERRORS = {
    "readonly": b"-READONLY You can't write against a read only replica.\r\n",
    "out_of_memory": b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
    "loading": b"-LOADING Redis is loading the dataset in memory\r\n",
    "wrong_key_type": b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
}


def recorded(name: str) -> AbstractContextManager[int]:
    """A server in a state; its port. INCR is what it refuses."""
    return answering({**ANSWERS, "INCRBY": ERRORS[name]})


@contextmanager
def answering(answers: Mapping[str, bytes]) -> Iterator[int]:
    """A server that answers each command with these bytes, others with OK; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_serve, args=(listening, answers), daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def _serve(listening: socket.socket, answers: Mapping[str, bytes]) -> None:
    while True:
        try:
            peer, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(peer, answers), daemon=True).start()


def _talk(peer: socket.socket, answers: Mapping[str, bytes]) -> None:
    reader, session = Requests(), Session()
    with peer, suppress(ConnectionResetError):
        while data := peer.recv(65_536):
            reader.receive(data)
            while (request := reader.next()) is not None:
                assert isinstance(request, Request)
                peer.sendall(answers.get(session.read(request).command.name, b"+OK\r\n"))


@contextmanager
def provoked(server: RedisServer, name: str) -> Iterator[int]:
    """A local server brought into a state, and out of it again; its port."""
    with redis.Redis(port=server.address.port) as admin:
        admin.flushall()
        admin.set("a", "v")
        enter, leave = PROVOKE[name]
        enter(admin)
        try:
            yield server.address.port
        finally:
            leave(admin)


Step = Callable[[redis.Redis], object]
PROVOKE: dict[str, tuple[Step, Step]] = {
    "readonly": (lambda r: r.replicaof("127.0.0.1", 1), lambda r: r.replicaof("NO", "ONE")),
    "out_of_memory": (lambda r: r.config_set("maxmemory", 1), lambda r: r.config_set("maxmemory", 0)),
    "wrong_key_type": (lambda r: r.hset("visits", "f", "v"), lambda r: r.delete("visits")),
}
