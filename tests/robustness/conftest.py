"""A tiny project, and the real command run on it in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SERVICE = """
import json, os, sys, urllib.error, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, {})

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        EXTRA
        url = os.environ["PAY_URL"] + "CHARGES"
        call = urllib.request.Request(url, b'{"cents": 5}', {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(call, timeout=1) as reply:
                json.load(reply)["id"]
        except Exception:
            self.answer(503, {"error": "payment_failed"})
        else:
            self.answer(201, {"paid": True})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

DOUBLE = """
from ripstop.doubles import Double, Reply

pay = Double("pay")

@pay.route("POST /charges", effect="charge", json={"cents": int})
def charge(request):
    HANDLER
    return Reply.of(201, {"id": "ch_1"})
"""

TEST = """
import pytest

@pytest.mark.workflow("pay")
def test_pay(service, seams):
    assert service.post("/pay", json={}).status_code == 201
    assert seams.pay.effects("charge") == 1
"""

CONFIG = """
[service]
command = "python app.py {port}"
start_timeout_s = 1.5
env = {PAY_URL = "{seams.pay.url}"}

[seams.pay]
protocol = "http"
double = "stand_in:pay"
"""


@dataclass(slots=True)
class Project:
    """The project's folder and how to run ripstop there. ``mark`` is in all descendants' environment."""

    folder: Path
    mark: str
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "ripstop.cli.main", *arguments],
            cwd=self.folder,
            env={**os.environ, "OF_THIS_TEST": self.mark, "TMPDIR": str(self.folder / "tmp")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        return process

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code, and all that was said."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        return process.returncode, out + err

    def left(self) -> list[str]:
        """Processes and temporary folders of this project that are still there."""
        found = [path.name for path in (self.folder / "tmp").glob("ripstop-service-*")]
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if f"OF_THIS_TEST={self.mark}".encode() in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
        return found


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    """Makes the project, its service, handler and route changed as asked."""

    def make(
        *, extra: str = "", handler: str = "", charges: str = "/charges", config: str = CONFIG
    ) -> Project:
        (tmp_path / "tmp").mkdir()
        made = Project(tmp_path, str(tmp_path))
        app = SERVICE.replace("EXTRA", extra or "pass").replace("CHARGES", charges)
        made.write("app.py", app)
        made.write("stand_in.py", DOUBLE.replace("HANDLER", handler or "pass"))
        made.write("test_pay.py", TEST)
        made.write("ripstop.toml", config)
        return made

    return make
