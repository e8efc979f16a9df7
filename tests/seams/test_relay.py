"""An end of a relay is read only while nobody has a reason not to."""

from __future__ import annotations

import asyncio
import socket

import pytest

from ripstop.seams import relay
from ripstop.seams.relay import End


class Deaf(asyncio.Transport):
    """A transport that only remembers whether it is read."""

    reading = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


def test_a_reason_to_wait_outlasts_another_one() -> None:
    end, wire = End(lambda _data: None, lambda: None), Deaf()
    end.connection_made(wire)
    end.pause()
    end.pause("gate")
    end.resume("gate")
    assert not wire.reading
    end.resume()
    assert wire.reading


async def closed_at(deaf: socket.socket) -> None:
    """Send more than any buffer holds, close, and wait until the connection is over."""
    over = asyncio.Event()
    end = End(lambda _data: None, over.set)
    ours = socket.create_connection(deaf.getsockname())
    await asyncio.get_running_loop().create_connection(lambda: end, sock=ours)
    end.write(b"x" * 20_000_000)
    end.close()
    async with asyncio.timeout(10):
        await over.wait()


def test_a_closing_end_gives_up_a_peer_that_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "STUCK_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        asyncio.run(closed_at(deaf))


def test_a_closing_end_waits_for_a_peer_that_reads_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "STUCK_S", 0.5)

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(1_000_000):
            taken.append(len(piece))
            await asyncio.sleep(0.01)
        writer.close()

    async def both() -> None:
        server = await asyncio.start_server(slowly, "127.0.0.1", 0, limit=1_000_000)
        async with server:
            await closed_at(server.sockets[0])
            async with asyncio.timeout(10):
                while sum(taken) < 20_000_000:
                    await asyncio.sleep(0.01)

    taken: list[int] = []
    asyncio.run(both())
    assert sum(taken) == 20_000_000
