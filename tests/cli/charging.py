"""A project whose service asks a provider for charges, and a stand-in for the provider's real server."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ripstop.doubles import Double, Reply, Request
from ripstop.doubles.cassette import tape
from ripstop.doubles.cassette.tape import Interaction
from ripstop.doubles.upstream import asking
from ripstop.errors import RipstopError

from ..seams.http_harness import Served, served

SERVICE = """
import http.server, json, os, sys, urllib.request

PROVIDER = os.environ["PROVIDER"]

def ask(method, path, body=None):
    headers = {"content-type": "application/json", "authorization": "Bearer sk_live_verysecret1234"}
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(PROVIDER + path, data, headers, method=method)
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"ok": True})

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        sent = {"amount_cents": 4200, "customer": {"email": "jo@x.example"}}
        made = ask("POST", "/v1/charges", sent)
        kept = [ask("GET", f"/v1/charges/{made['id']}") for _ in range(2)]
        self.answer({"charge": kept[1]["id"], "states": [one["state"] for one in kept]})

    def answer(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
TEST = """
import pytest

@pytest.mark.workflow("order tea")
def test_order(service, seams):
    answer = service.post("/orders", json={})
    assert answer.status_code == 200
    assert answer.json()["charge"]
    assert seams.payments.effects() == EFFECTS
"""
PROGRAMMED = """
from ripstop.doubles import Double, Reply

payments = Double("payments")
kept = payments.state

@payments.route("POST /v1/charges", effect="charge")
def create(request):
    charge = {"id": payments.new_id("ch"), "state": "done", **request.json(), "client_secret": "s"}
    kept[charge["id"]] = charge
    return Reply.of(201, charge)

@payments.route("GET /v1/charges/{id}")
def look(request, id):
    return Reply.of(200, kept[id])
"""
CHARGE = {
    "type": "object",
    "required": ["id", "amount_cents", "state"],
    "properties": {
        "id": {"type": "string", "example": "ch_1"},
        "amount_cents": {"type": "integer", "example": 4200},
        "state": {"type": "string", "example": "done"},
        "note": {"type": "string"},
    },
}
OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "charges", "version": "1"},
    "paths": {
        "/v1/charges": {
            "get": {
                "responses": {
                    "200": {
                        "description": "all",
                        "content": {"application/json": {"schema": {"type": "array", "items": CHARGE}}},
                    }
                }
            },
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {"example": {"amount_cents": 7, "customer": {"email": "a"}}}
                    }
                },
                "responses": {
                    "201": {"description": "made", "content": {"application/json": {"schema": CHARGE}}}
                },
            },
        }
    },
}


@dataclass(frozen=True)
class Project:
    """The service's project in a folder of its own."""

    folder: Path

    def configure(self, double: str | None, *, effects: int = 1, **more: str) -> None:
        own = {"protocol": "http", **({"double": double} if double else {}), **more}
        keys = "".join(f"{name} = {json.dumps(value)}\n" for name, value in own.items())
        (self.folder / "ripstop.toml").write_text(
            f'[service]\ncommand = "{sys.executable} service.py {{port}}"\n'
            f'[service.env]\nPROVIDER = "{{seams.payments.url}}"\n[seams.payments]\n{keys}'
        )
        (self.folder / "test_order.py").write_text(TEST.replace("EFFECTS", str(effects)))

    def ripstop(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ripstop.cli.main", *arguments]
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=120
        )

    def here(self, *arguments: str) -> tuple[int, str]:
        """A verb that starts no service, in this process: its exit code, and the error it told."""
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            return importlib.import_module(f"ripstop.cli.{arguments[0]}").run(arguments[1:]), ""
        except RipstopError as error:
            return error.exit_code, str(error)
        finally:
            os.chdir(before)

    def pytest(self) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=120
        )


def project(folder: Path) -> Project:
    (folder / "service.py").write_text(SERVICE)
    (folder / "doubles.py").write_text(PROGRAMMED)
    (folder / "charges.json").write_text(json.dumps(OPENAPI))
    return Project(folder)


@dataclass
class Real:
    """The stand-in's moods. ``amount`` is what it calls the amount."""

    amount: str = "amount_cents"
    status: int = 0


def real_double(real: Real) -> Double:
    """A server that keeps charges, with ids of its own, settled at the second look."""
    double = Double("real")
    kept: dict[str, dict[str, Any]] = {}

    @double.route("POST /v1/charges")
    def create(request: Request) -> Reply:
        if real.status:
            return Reply.of(real.status, {"error": "no"})
        sent = request.json()
        charge = {
            "id": f"ch_live9{len(kept)}",
            real.amount: sent["amount_cents"],
            "customer": sent["customer"],
            "state": "pending",
            "client_secret": "cs_live_verysecret",
        }
        kept[charge["id"]] = charge
        return Reply.of(201, charge, {"set-cookie": "session=verysecret"})

    @double.route("GET /v1/charges/{id}")
    def look(request: Request, id: str) -> Reply:  # noqa: A002
        charge = kept[id]
        told = dict(charge)
        charge["state"] = "done"
        return Reply.of(200, told)

    @double.route("GET /v1/charges")
    def every(request: Request) -> Reply:
        if real.status:
            return Reply.of(real.status, {"error": "no"})
        return Reply.of(200, [{"id": "ch_live1", real.amount: 1, "state": "done"}])

    return double


@contextmanager
def real_server(real: Real) -> Iterator[Served]:
    with served(real_double(real)) as server:
        yield server


def taped(shop: Project, url: str) -> None:
    """A cassette of the calls the service makes, without the service."""
    kind = (("content-type", "application/json"),)
    body = json.dumps({"amount_cents": 4200, "customer": {"email": "jo@x.example"}}).encode()
    with asking(url) as ask:
        first = Request("POST", "/v1/charges", kind, body)
        made = ask(first)
        second = Request("GET", f"/v1/charges/{made.json()['id']}")
        heard = [(first, made), (second, ask(second))]
    (shop.folder / "tape.json").write_text(tape.text_of([Interaction(*one) for one in heard], upstream=url))
