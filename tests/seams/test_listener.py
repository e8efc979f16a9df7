"""Tests for the port that refuses, vanishes and comes back, seen by plain sockets."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator

import pytest

from ripstop.errors import StartError
from ripstop.seams.listener import HOST, Listener, State, failed_attempts, reset

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Greeter(asyncio.Protocol):
    """Says hello, then does what ``then`` asks for."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"hello")

    def data_received(self, data: bytes) -> None:
        if data == b"flood":
            self.transport.write(b"x" * 8_000_000)
        reset(self.transport)


@contextlib.asynccontextmanager
async def listening(port: int = 0) -> AsyncIterator[Listener]:
    listener = Listener(Greeter, port=port)
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop()


async def greet(port: int, timeout_s: float = 2.0) -> bytes:
    def call() -> bytes:
        with socket.create_connection((HOST, port), timeout=timeout_s) as client:
            return client.recv(5)

    return await asyncio.to_thread(call)


async def test_an_open_port_serves_and_says_its_number() -> None:
    async with listening() as listener:
        assert await greet(listener.port) == b"hello"
        assert listener.state is State.OPEN


async def test_a_refusing_port_gives_a_real_connection_refused() -> None:
    async with listening() as listener:
        before = failed_attempts()
        await listener.refuse()
        with pytest.raises(ConnectionRefusedError):
            await greet(listener.port)
        assert listener.state is State.REFUSING
        assert failed_attempts() > before


async def test_the_number_of_a_refusing_port_is_given_to_nobody_else() -> None:
    async with listening() as listener:
        await listener.refuse()
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError) as caught:
                other.bind((HOST, listener.port))
    assert caught.value.errno == errno.EADDRINUSE


@pytest.mark.parametrize("end", ["refuse", "blackhole"])
async def test_a_reopened_port_serves_under_the_same_number(end: str) -> None:
    async with listening() as listener:
        port = listener.port
        await getattr(listener, end)()
        await listener.reopen()
        assert (listener.port, listener.state) == (port, State.OPEN)
        assert await greet(port) == b"hello"


@pytest.mark.parametrize("end", ["refuse", "blackhole"])
async def test_closing_a_closed_port_again_forgets_nobody_who_tried(end: str) -> None:
    async with listening() as listener:
        await getattr(listener, end)()
        with pytest.raises(OSError, match=r"refused|timed out"):
            await greet(listener.port, timeout_s=0.2)
        await getattr(listener, end)()
        assert listener.attempts() >= 1


async def test_connecting_to_a_vanished_port_hangs_until_the_client_gives_up() -> None:
    async with listening() as listener:
        await listener.blackhole()
        with pytest.raises(TimeoutError):
            await greet(listener.port, timeout_s=0.2)
        assert listener.attempts_dropped() == 1


async def test_a_vanished_attempt_is_seen_while_it_waits() -> None:
    async with listening() as listener:
        await listener.blackhole()
        with socket.socket() as client:
            client.setblocking(False)
            assert client.connect_ex((HOST, listener.port)) == errno.EINPROGRESS
            assert listener.attempts_pending() == 1
        assert listener.attempts_pending() == 0


async def test_an_attempt_that_outlives_the_blackhole_gets_through_on_its_next_try() -> None:
    async with listening() as listener:
        await listener.blackhole()
        waiting = asyncio.create_task(greet(listener.port, timeout_s=5))
        while not listener.attempts_pending():
            await asyncio.sleep(0.01)
        await listener.reopen()
        assert await waiting == b"hello"


async def test_connections_already_open_survive_the_closing_of_the_port() -> None:
    async with listening() as listener:
        reader, writer = await asyncio.open_connection(HOST, listener.port)
        await listener.refuse()
        assert await reader.readexactly(5) == b"hello"
        writer.close()


async def test_a_reset_is_seen_as_a_reset_and_nothing_buffered_arrives() -> None:
    async with listening() as listener:

        def flood() -> int:
            with socket.create_connection((HOST, listener.port), timeout=5) as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.sendall(b"flood")
                received = 0
                with contextlib.suppress(ConnectionResetError):
                    while chunk := client.recv(65536):
                        received += len(chunk)
                    return -1
                return received

        received = await asyncio.to_thread(flood)
    assert 0 <= received < 8_000_000


async def test_a_fixed_port_in_use_is_refused_with_a_way_out() -> None:
    async with listening() as first:
        with pytest.raises(StartError) as caught:
            await Listener(Greeter, port=first.port).start()
    assert caught.value.slug == "port-taken"
    assert str(first.port) in str(caught.value)


async def test_a_fixed_port_can_be_taken_again_right_after_a_stop() -> None:
    async with listening() as first:
        port = first.port
        assert await greet(port) == b"hello"
    async with listening(port) as second:
        assert await greet(second.port) == b"hello"


async def test_stopping_twice_is_harmless_and_frees_the_number() -> None:
    async with listening() as listener:
        port = listener.port
        await listener.stop()
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind((HOST, port))
    assert listener.state is State.STOPPED


async def test_a_listener_that_was_not_started_says_so() -> None:
    with pytest.raises(RuntimeError, match="not started"):
        await Listener(Greeter).refuse()
