"""The least server that demands TLS and SCRAM-SHA-256-PLUS: the embedded one is built without TLS.

It checks what a server checks (RFC 5802, 3; RFC 5929, 4), so that a client bound to another
certificate, or with another password, is really refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ripstop.wire.postgres.errors import fatal
from ripstop.wire.postgres.messages import message, ready

MECHANISM = "SCRAM-SHA-256-PLUS"
SSL_REQUEST = 80877103
GS2 = b"p=tls-server-end-point,,"
ROUNDS = 4096


@contextmanager
def bound_server(cert: Path, key: Path, password: str) -> Iterator[int]:
    """The port of a server that presents ``cert`` and lets in who knows ``password`` and is bound to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(
                    target=_serve, args=(connection, context, cert, password), daemon=True
                ).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def _serve(plain: socket.socket, context: ssl.SSLContext, cert: Path, password: str) -> None:
    with suppress(OSError, EOFError), plain:
        assert struct.unpack(">II", _exactly(plain, 8)) == (8, SSL_REQUEST), "the seam must ask for TLS"
        plain.sendall(b"S")
        with context.wrap_socket(plain, server_side=True) as secure:
            _exactly(secure, struct.unpack(">I", _exactly(secure, 4))[0] - 4)
            secure.sendall(_logged_in(secure, cert, password))
            while _one(secure)[0] == b"Q":
                secure.sendall(message(b"C", b"SELECT 0\0") + ready("I"))


def _logged_in(secure: ssl.SSLSocket, cert: Path, password: str) -> bytes:
    secure.sendall(_authentication(10, f"{MECHANISM}\0SCRAM-SHA-256\0\0"))
    chosen, _, first = _one(secure)[1].partition(b"\0")
    assert chosen.decode() == MECHANISM
    bare = first[4:].removeprefix(GS2).decode()
    salt = secrets.token_bytes(16)
    challenge = f"{bare.partition('r=')[2]}{secrets.token_hex(8)}"
    server_first = f"r={challenge},s={base64.b64encode(salt).decode()},i={ROUNDS}"
    secure.sendall(_authentication(11, server_first))
    unsigned, _, proof = _one(secure)[1].decode().rpartition(",p=")
    presented = ssl.PEM_cert_to_DER_cert(cert.read_text())
    bound_to = base64.b64encode(GS2 + hashlib.sha256(presented).digest()).decode()
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)
    signed = f"{bare},{server_first},{unsigned}".encode()
    if unsigned != f"c={bound_to},r={challenge}" or not _proves(salted, signed, base64.b64decode(proof)):
        return fatal("28000", "SCRAM: refused")
    answer = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
    final = f"v={base64.b64encode(answer).decode()}"
    return _authentication(12, final) + _authentication(0, "") + ready("I")


def _proves(salted: bytes, signed: bytes, proof: bytes) -> bool:
    key = hmac.digest(salted, b"Client Key", "sha256")
    signature = hmac.digest(hashlib.sha256(key).digest(), signed, "sha256")
    return bytes(a ^ b for a, b in zip(key, signature, strict=True)) == proof


def _authentication(code: int, text: str) -> bytes:
    return message(b"R", struct.pack(">I", code) + text.encode())


def _one(secure: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(secure, 5)
    return head[:1], _exactly(secure, struct.unpack(">I", head[1:])[0] - 4)


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = sock.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
