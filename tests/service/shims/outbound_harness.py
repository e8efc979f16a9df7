"""A service's process with its hosts intercepted: a double behind a real seam, a program in front."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ripstop.doubles import Double, Reply, Request
from ripstop.service.certificates import Authority
from ripstop.service.environment import service_env
from ripstop.service.outbound import Interception

from ...seams.http_harness import Served, served

HOSTS = ("api.payments.example", "api.stripe.com", "*.amazonaws.com")
LIMIT_S = 60.0


@dataclass(frozen=True)
class Stage:
    """Programs run here see the seam in the place of ``HOSTS``."""

    server: Served
    interception: Interception
    folder: Path

    def python(self, code: str, env: Mapping[str, str] | None = None) -> Any:
        """Run a Python program; what it printed last, read as JSON."""
        path = self.folder / "program.py"
        path.write_text(code)
        return self.run([sys.executable, str(path)], env)

    def node(self, code: str, env: Mapping[str, str] | None = None, *, name: str = "program.cjs") -> Any:
        """Run a Node program; what it printed last, read as JSON."""
        path = self.folder / name
        path.write_text(code)
        return self.run([str(Path(sys.executable).with_name("node")), str(path)], env)

    def run(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> Any:
        given = {**(env or {}), **self.interception.environment(env)}
        done = subprocess.run(
            argv,
            env=service_env(given, shims=True),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def sessions(self) -> list[tuple[str, int, str]]:
        """Each crossing's operation, connection and outcome; connections are counted from one."""
        crossings = self.server.call(lambda: self.server.board.trace)
        numbers = {one.session: place for place, one in reversed(list(enumerate(crossings)))}
        order = {session: place for place, session in enumerate(sorted(numbers, key=numbers.__getitem__), 1)}
        return [(one.id.operation, order[one.session], one.outcome) for one in crossings]

    def refused(self) -> list[tuple[str, int]]:
        return [(one.host, one.port) for one in self.interception.refused()]


@contextmanager
def staged(folder: Path, authority: Authority) -> Iterator[Stage]:
    """A seam for all of ``HOSTS``; nothing that went wrong at it may stay unsaid."""
    with served(provider(), tls=authority.server_context()) as server:
        yield Stage(server, Interception.begin(dict.fromkeys(HOSTS, server.seam.port), authority), folder)
        assert server.seam.problems == []


def provider() -> Double:
    """Answers what the clients of these tests ask for, under any host."""
    double = Double("payments")

    @double.route("GET /v1/ping")
    def ping(request: Request) -> Reply:
        return Reply.of(200, {"host": request.header("host")})

    @double.route("POST /v1/customers", effect="customer")
    def customer(request: Request) -> Reply:
        return Reply.of(200, {"id": double.new_id("cus"), "object": "customer"})

    @double.route("PUT /{key}", effect="object")
    def put(request: Request, key: str) -> Reply:
        return Reply(200, headers=(("ETag", '"abc"'),))

    return double
