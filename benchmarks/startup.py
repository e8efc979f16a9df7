"""What the start of a whole session costs beside the service's own start: examples/orders.

A session's start goes from the start of the process ``ripstop explore`` to the accepted baseline: Python
and its imports, PostgreSQL on a fresh data directory, the double, proxies, certificates, the set-up command,
the service, pytest's collection, a warm-up run and two runs that agree, each of which waits a quarter of a
second for work after the answer. The data directory is in the cache, as after any first run.

The service's own start is one process, from its spawn to its first good answer, beside a PostgreSQL server
of its own, without ripstop. ``startup`` is the one over the other. Before the service can start, the
project's own set-up command has to run, here and there (``python -m orders.schema``, which imports most of
what the service imports): ``startup_with_setup`` has it below the line as well. Medians of runs in turn.
"""

from __future__ import annotations

import shlex
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from commands import ROOT, baseline_s, copied, environment

from ripstop.service.ports import HOST, free_port
from ripstop.service.postgres import PostgresServer

_ROUNDS = 5
_TARGET = 2.0
_COMMAND = "uvicorn orders.app:app --port {port}"
_REQUEST = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_POLL_S = 0.002
_LIMIT_S = 60.0


def measure() -> Iterator[tuple[str, float, float]]:
    """(name, value, target): a session's start as a multiple of the service's own."""
    with copied(ROOT / "examples" / "orders") as project:
        rounds = [(baseline_s(project), *_own(project)) for _ in range(_ROUNDS + 1)]
    session, setup, service = (statistics.median(times) for times in zip(*rounds[1:], strict=True))
    sys.stderr.write(f"startup: session {session:.2f} s, set-up {setup:.2f} s, service {service:.2f} s\n")
    yield "startup", session / service, _TARGET
    yield "startup_with_setup", session / (setup + service), _TARGET


def _own(project: Path) -> tuple[float, float]:
    """Seconds of the set-up command, and of the service from its spawn to its first good answer."""
    server = PostgresServer.start()
    try:
        given = {"DATABASE_URL": server.service.url, "PAYMENTS_URL": f"http://{HOST}:9"}
        env = environment(project, given)
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "orders.schema"], cwd=project, env=env, check=True)
        return time.perf_counter() - began, _served(project, env)
    finally:
        server.stop()


def _served(project: Path, env: Mapping[str, str]) -> float:
    port = free_port()
    command = shlex.split(_COMMAND.format(port=port))
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=project, env=dict(env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _answers(port):
            assert time.perf_counter() - began < _LIMIT_S
            time.sleep(_POLL_S)
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(_LIMIT_S)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=_LIMIT_S) as connection:
            connection.sendall(_REQUEST)
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
