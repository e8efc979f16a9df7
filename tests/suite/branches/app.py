"""A service with two databases on one server and a third on another; every order goes to all three."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

INSERTS = (
    ("HEAD", "INSERT INTO orders (item) VALUES (%s) RETURNING id"),
    ("SALES", "INSERT INTO sales (item) VALUES (%s)"),
    ("BRANCH", "INSERT INTO orders (item) VALUES (%s)"),
)


def connect(prefix):
    pieces = {word: os.environ[f"{prefix}_{word.upper()}"] for word in ("host", "port", "user", "dbname")}
    return psycopg.connect(**pieces, password=os.environ[f"{prefix}_PASSWORD"])


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, {})

    def do_POST(self):
        item = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["item"]
        try:
            for prefix, statement in INSERTS:
                with connect(prefix) as connection:
                    connection.execute(statement, [item])
        except psycopg.Error:
            self.answer(503, {"error": "not_stored"})
        else:
            self.answer(201, {"item": item})

    def do_DELETE(self):
        prefix, table = self.path.strip("/").split("/")
        with connect(prefix) as connection:
            connection.execute(f"TRUNCATE {table}")
        self.answer(200, {})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
