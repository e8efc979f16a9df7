"""Tokens that live for a day. ``service.py PORT`` answers requests, ``service.py worker`` looks at tokens.

MANNER says how it asks for the time: ``sound``, ``proud`` (it compares with its own start) or ``monthly`` (it
adds one to the month).
"""

import json
import os
import secrets
import sys
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

MANNER = os.environ.get("MANNER", "sound")
STARTED = datetime.now(UTC)
ISSUE = "INSERT INTO tokens VALUES (%s, now() + interval '24 hours') RETURNING expires_at"
LOOK = "SELECT expires_at, expires_at > now() FROM tokens WHERE token = %s"
CHANGED = """
SELECT t.token, t.expires_at, t.expires_at > now() FROM tokens t LEFT JOIN seen s USING (token)
WHERE s.token IS NULL OR s.alive_there <> (t.expires_at > now())
"""
NOTE = """
INSERT INTO seen VALUES (%s, %s, %s) ON CONFLICT (token)
DO UPDATE SET alive_here = excluded.alive_here, alive_there = excluded.alive_there
"""


def connect():
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def issue(_):
    token = secrets.token_hex(12)
    with connect() as db:
        (until,) = db.execute(ISSUE, [token]).fetchone()
    if MANNER == "monthly":
        today = datetime.now(UTC).date()
        today.replace(month=today.month % 12 + 1)
    return 201, {"token": token, "expires_at": until.astimezone(UTC).isoformat()}


def me(handler):
    token = (handler.headers.get("Authorization") or "").removeprefix("Bearer ")
    with connect() as db:
        found = db.execute(LOOK, [token]).fetchone()
    if found is None:
        return 401, {"error": "unknown"}
    until, there = found
    if until <= (STARTED if MANNER == "proud" else datetime.now(UTC)):
        return 401, {"error": "expired", "alive_there": there}
    return 200, {"alive_there": there}


def now(_):
    with connect() as db:
        (there,) = db.execute("SELECT now()").fetchone()
    return 200, {"here": time.time(), "there": there.timestamp(), "found": FOUND}


def count():
    with connect() as db:
        return db.execute("SELECT count(*) FROM tokens").fetchone()[0]


FOUND = count()
ROUTES = {"POST /tokens": issue, "GET /me": me, "GET /now": now}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        try:
            status, content = ROUTES[f"{self.command} {self.path}"](self)
            body, kind = json.dumps(content).encode(), "application/json"
        except Exception as error:
            status, body, kind = 500, b"Internal Server Error", "text/plain"
            print(f"{type(error).__name__}: {error}", flush=True)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def log_message(self, *_):
        pass


def work():
    with connect() as db:
        print("worker: ready", flush=True)
        while True:
            for token, until, there in db.execute(CHANGED).fetchall():
                db.execute(NOTE, [token, until > datetime.now(UTC), there])
            time.sleep(0.02)


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        work()
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
