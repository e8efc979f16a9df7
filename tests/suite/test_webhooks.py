"""A provider's events reach the service, once each, twice under a fault, and again after a failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ripstop.model.experiment import CallOutcome, Experiment
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection, Plan
from ripstop.model.trace import CrossingId
from ripstop.rig.run import Run
from ripstop.suite.plugin import start_rig

SERVICE = """
import json, os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import stripe

stripe.api_key = "sk_test_any"
SEEN = []

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, SEEN)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/events":
            event = stripe.Webhook.construct_event(body, self.headers["Stripe-Signature"], "whsec_any")
            SEEN.append(event["type"])
            self.answer(500 if SEEN == ["charge.succeeded"] and FAIL else 200, {})
        else:
            charge = stripe.Charge.create(amount=500, currency="eur", source="tok_visa")
            self.answer(201, {"id": charge.id})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

FAIL = os.environ["FAIL"] == "yes"
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
CONFIG = """
[service]
command = "python app.py {port}"
env = {FAIL = "%s"}

[seams.stripe]
protocol = "http"
hosts = ["api.stripe.com"]
double = "stripe"
webhook = "/events"
webhook_secret = "whsec_any"
"""
TEST = """
from ripstop import faults

def test_pay(service, seams):
    with seams.stripe.inject(faults.duplicate_delivery(), at="POST /v1/charges"):
        assert service.post("/pay", json={}).status_code == 201
    assert seams.stripe.effects("charge") == 1
    assert service.get("/").json() == ["charge.succeeded"] * 2

def test_an_ordinary_one(service, seams):
    service.post("/pay", json={})
    seams.stripe.settle()
    assert service.get("/").json() == ["charge.succeeded"] * 3
"""


def run(folder: Path, *words: str) -> str:
    (folder / "app.py").write_text(SERVICE)
    (folder / "ripstop.toml").write_text(CONFIG % "no")
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


def pay(folder: Path, plan: Plan) -> tuple[Experiment, list[str]]:
    """One payment whose first event is answered 500, and the events that the service was sent."""
    (folder / "ripstop.toml").write_text(CONFIG % "yes")
    (folder / "app.py").write_text(SERVICE)
    rig = start_rig(folder)
    try:
        client = rig.client()
        run_of_it = Run(rig, plan, repeat=False)
        run_of_it.begin()
        run_of_it.enter_call()
        client.post("/pay", json={})
        return run_of_it.finish(CallOutcome(passed=True)), client.get("/").json()
    finally:
        rig.close()


def test_signed_events_arrive_and_arrive_twice_under_the_fault(tmp_path: Path) -> None:
    (tmp_path / "test_pay.py").write_text(TEST)
    said = run(tmp_path, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")

    assert "2 passed" in said, said


def test_an_event_the_service_did_not_take_is_sent_again_as_providers_do(tmp_path: Path) -> None:
    record, seen = pay(tmp_path, Plan())

    assert seen == ["charge.succeeded"] * 2
    assert record.redelivered is None


def test_what_is_sent_again_only_after_heal_is_counted(tmp_path: Path) -> None:
    charge = CrossingId("POST /pay", "stripe", "POST /v1/charges")
    record, seen = pay(tmp_path, Plan((Injection(charge, FaultSpec.of("slow")),)))

    assert seen == ["charge.succeeded"] * 2
    assert record.redelivered == record.after_retry
