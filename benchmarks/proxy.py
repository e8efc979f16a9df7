"""What the PostgreSQL proxy adds: microseconds a statement, and the speed of a large result.

The microseconds are measured with client, proxy and server on one core. On two, each of the proxy's two
more hand-overs wakes an idle core, which takes a virtual machine 5 to 50 microseconds as it pleases: a relay
that only copies bytes then adds 29 in one run and 139 in the next.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg

from ripstop.rig.loop import WireThread
from ripstop.seams.board import Board
from ripstop.seams.postgres import PostgresSeam
from ripstop.service.postgres import PostgresServer

_STATEMENTS = 2_000
_ADDED_US = 100.0
_STREAM = 0.5
_BIG = "SELECT n, 'row ' || n, n * 1.5 FROM generate_series(1, 100000) n"
_STREAMS = 7

Client = psycopg.Connection[Any]


def measure() -> Iterator[tuple[str, float, float]]:
    """(name, value, target): added microseconds, simple and extended, and the share of direct speed."""
    with _on_one_core(), _proxied() as (near, far):
        for name, run in (("simple", _simple), ("extended", _extended)):
            added = [(_timed(partial(run, far)) - _timed(partial(run, near))) for _ in range(_STATEMENTS)]
            yield f"proxy_adds_us_{name}", statistics.median(added) * 1e6, _ADDED_US
    with _proxied() as (near, far):
        pairs = [(_timed(partial(_stream, near)), _timed(partial(_stream, far))) for _ in range(_STREAMS)]
        yield "stream_share_of_direct_speed", statistics.median(a / b for a, b in pairs), -_STREAM


@contextmanager
def _on_one_core() -> Iterator[None]:
    """What is started within, and who waits for it, share a core."""
    usual = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(usual)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usual)


@contextmanager
def _proxied() -> Iterator[tuple[Client, Client]]:
    """A connection straight to a server of its own, and one through the proxy."""
    server = PostgresServer.start()
    wire = WireThread()
    seam = PostgresSeam("db", server.service, Board(limit=10))
    try:
        wire.run(seam.start())
        direct = replace(server.service, socket_dir=None)
        with (
            psycopg.connect(direct.url, autocommit=True) as near,
            psycopg.connect(replace(direct, port=seam.port).url, autocommit=True) as far,
        ):
            yield near, far
        wire.run(seam.stop())
    finally:
        wire.stop()
        server.stop()


def _simple(connection: Client) -> None:
    with psycopg.ClientCursor(connection) as cursor:
        cursor.execute("SELECT 1").fetchall()


def _extended(connection: Client) -> None:
    connection.execute("SELECT %s::int", (1,)).fetchall()


def _stream(connection: Client) -> None:
    assert len(connection.execute(_BIG).fetchall()) == 100_000


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
