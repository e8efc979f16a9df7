"""A tiny project, with or without a database, and the real command run on it in a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SERVICE = """
import json, os, sys, urllib.error, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

def note(what):
    with open("notes", "a") as file:
        print(what, file=file)

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, {})

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        note("call")
        EXTRA
        url = os.environ["PAY_URL"] + "CHARGES"
        call = urllib.request.Request(url, b'{"cents": 5}', {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(call, timeout=3) as reply:
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

note("begin")
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
start_timeout_s = 20
env = {PAY_URL = "{seams.pay.url}"}

[seams.pay]
protocol = "http"
double = "stand_in:pay"
"""


STORE = """import psycopg
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            connection.execute("INSERT INTO payments (cents) VALUES (5)")
        """

SCHEMA = """
import os, psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute('''
        CREATE TABLE payments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cents int);
        CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_sleep(LINGER_S); RETURN OLD; END $$;
        CREATE TRIGGER linger BEFORE DELETE ON payments FOR EACH ROW EXECUTE FUNCTION linger();
        ALTER TABLE payments ENABLE ALWAYS TRIGGER linger;
    ''')
with open("notes", "a") as file:
    print("set-up", file=file)
"""

CONFTEST = """
import pytest

def note(what):
    with open("notes", "a") as file:
        print(what, file=file)

@pytest.fixture(autouse=True)
def noted():
    note("fixture")
    yield
    note("undo")
"""

DATABASE = """
[seams.db]
protocol = "postgres"
"""


@dataclass(slots=True)
class Project:
    """The project's folder and how to run ripstop there. ``mark`` is in all descendants' environment.

    Servers run with an environment of their own: they are known by their working directory.
    """

    folder: Path
    mark: str
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    sockets: set[str] = field(default_factory=set)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start ripstop as the leader of a process group, as a shell with a terminal would."""
        own = {"OF_THIS_TEST": self.mark, "TMPDIR": str(self.folder / "tmp")}
        process = subprocess.Popen(
            [sys.executable, "-m", "ripstop.cli.main", *arguments],
            cwd=self.folder,
            env={**os.environ, **own, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        self.running.append(process)
        return process

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Exit code, and all that was said."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=60)
        return process.returncode, out + err

    def notes(self, what: str) -> int:
        """How often the service, its set-up or the test noted this."""
        path = self.folder / "notes"
        return path.read_text().split("\n").count(what) if path.exists() else 0

    def until(self, happened: Callable[[], object], *, within_s: float = 60.0) -> None:
        """Wait for a moment of the run."""
        limit = time.monotonic() + within_s
        while not happened():
            assert time.monotonic() < limit, "the moment never came"
            assert self.running[-1].poll() is None, self.running[-1].communicate()
            time.sleep(0.002)

    def processes(self) -> dict[int, str]:
        """What runs for this project: pid and command line."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                mine = f"OF_THIS_TEST={self.mark}".encode() in (entry / "environ").read_bytes()
                if mine or str((entry / "cwd").readlink()).startswith(str(self.folder / "data")):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def note_ports(self) -> None:
        """Remember what this project listens to now, to see later whether it is still listened to."""
        for pid in self.processes():
            for path in Path(f"/proc/{pid}/fd").glob("*"):
                try:
                    name = str(path.readlink())
                except OSError:
                    continue
                if name.startswith("socket:["):
                    self.sockets.add(name[8:-1])

    def left(self) -> list[str]:
        """Processes, listening sockets and throwaway folders of this project that are still there."""
        folders = [str(path) for name in ("tmp", "data") for path in (self.folder / name).iterdir()]
        rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        ports = [f"port {int(r[1][-4:], 16)}" for r in rows if r[3] == "0A" and r[9] in self.sockets]
        return [*folders, *ports, *self.processes().values()]

    def nothing_left(self) -> list[str]:
        """What is still there after two seconds; empty as soon as nothing is.

        Seconds of a machine that has a processor for each who wants one: where they queue, as many
        times longer as the queue is long.
        """
        began = time.monotonic()
        while left := self.left():
            if time.monotonic() - began > 2.0 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)):
                break
            time.sleep(0.01)
        return left

    def end(self) -> None:
        """Whatever a failed test left; by id."""
        for process in self.running:
            process.kill()
            process.communicate()
        if self.nothing_left():
            for pid in self.processes():
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


Make = Callable[..., Project]
Disk = Callable[[Path, str], None]


def made(
    *,
    extra: str = "",
    handler: str = "",
    charges: str = "/charges",
    config: str = CONFIG,
    database: bool = False,
    linger_s: float = 0.0,
) -> Project:
    """A project, its service, handler and route changed as asked, in a folder open to every account."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="ripstop-robust-", dir=memory))
    folder.chmod(0o755)
    project = Project(folder, str(folder))
    for name in ("tmp", "data"):
        (folder / name).mkdir()
    app = SERVICE.replace("EXTRA", STORE * database + (extra or "pass"))
    project.write("app.py", app.replace("CHARGES", charges))
    project.write("stand_in.py", DOUBLE.replace("HANDLER", handler or "pass"))
    project.write("test_pay.py", TEST)
    project.write("conftest.py", CONFTEST)
    project.write("ripstop.toml", f'data_dir = "{folder}/data"\n{config}')
    if database:
        project.write("schema.py", SCHEMA.replace("LINGER_S", str(linger_s)))
        project.edit("ripstop.toml", "[seams.pay]", f"{DATABASE}\n[seams.pay]")
        project.edit("ripstop.toml", "{PAY_URL", '{DATABASE_URL = "{seams.db.url}", PAY_URL')
        project.edit("ripstop.toml", "start_timeout_s", 'setup = "python schema.py"\nstart_timeout_s')
    return project
