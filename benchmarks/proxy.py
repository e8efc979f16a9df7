"""What the PostgreSQL proxy adds: microseconds a statement, and the speed of a large result."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg

from ripstop.model.address import PostgresAddress
from ripstop.rig.loop import WireThread
from ripstop.seams.board import Board
from ripstop.seams.postgres import PostgresSeam
from ripstop.service.postgres import PostgresServer

_STATEMENTS = 2_000
_ADDED_US = 100.0
_STREAM = 0.5
_BIG = "SELECT n, 'row ' || n, n * 1.5 FROM generate_series(1, 100000) n"
_STREAMS = 7


def measure() -> Iterator[tuple[str, float, float]]:
    """(name, value, target): added microseconds, simple and extended, and the share of direct speed."""
    server = PostgresServer.start()
    wire = WireThread()
    board = Board(limit=10)
    seam = PostgresSeam("db", server.service, board)
    try:
        wire.run(seam.start())
        direct = replace(server.service, socket_dir=None)
        proxied = replace(direct, port=seam.port)
        yield from _compared(direct, proxied)
        wire.run(seam.stop())
    finally:
        wire.stop()
        server.stop()


def _compared(direct: PostgresAddress, proxied: PostgresAddress) -> Iterator[tuple[str, float, float]]:
    with (
        psycopg.connect(direct.url, autocommit=True) as near,
        psycopg.connect(proxied.url, autocommit=True) as far,
    ):
        for name, run in (("simple", _simple), ("extended", _extended)):
            added = [(_timed(partial(run, far)) - _timed(partial(run, near))) for _ in range(_STATEMENTS)]
            yield f"proxy_adds_us_{name}", statistics.median(added) * 1e6, _ADDED_US
        pairs = [(_timed(partial(_stream, near)), _timed(partial(_stream, far))) for _ in range(_STREAMS)]
        yield "stream_share_of_direct_speed", statistics.median(a / b for a, b in pairs), -_STREAM


def _simple(connection: psycopg.Connection[Any]) -> None:
    with psycopg.ClientCursor(connection) as cursor:
        cursor.execute("SELECT 1").fetchall()


def _extended(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SELECT %s::int", (1,)).fetchall()


def _stream(connection: psycopg.Connection[Any]) -> None:
    assert len(connection.execute(_BIG).fetchall()) == 100_000


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
