"""``double = "s3"``: object storage, answered by moto's server in this process.

``s3:uploads,avatars`` has these buckets from the start. Buckets stay between runs, objects do not.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from ripstop.doubles.double import Double
from ripstop.doubles.extras import needed
from ripstop.doubles.loading import Context
from ripstop.errors import UsageError
from ripstop.model.http import Headers, Reply, Request

_HOST = re.compile(r"^(?P<bucket>[a-z0-9][a-z0-9.-]+)\.s3[.-]")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PARTS = (
    "uploads",
    "uploadId",
    "partNumber",
    "list-type",
    "delete",
    "location",
    "tagging",
    "acl",
    "versioning",
)
_OWN = frozenset({"connection", "transfer-encoding", "date", "server"})


def make(buckets: str, context: Context) -> Double:
    """Storage with these buckets, named with commas between. Raises UsageError ``extra-missing``."""
    server = needed("moto.moto_server.werkzeug_app", extra="storage", double="s3")
    backends = needed("moto.s3.models", extra="storage", double="s3").s3_backends
    double = Double(context.name)
    app = server.create_backend_app("s3")
    _empty(backends, buckets=True)
    double.otherwise(
        lambda request: _ask(app, request),
        operation=lambda method, target: _operation(backends, method, target),
        effect=_effects,
    )
    double.at_reset(lambda: _empty(backends))
    for bucket in filter(None, (name.strip() for name in buckets.split(","))):
        _create(app, bucket)
    for status, code in _STATUSES.items():
        double.error_shape(status, _error(status, code))
    return double


def _ask(app: Any, request: Request) -> Reply:
    """The request as WSGI has it, and the answer (PEP 3333)."""
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _failure: object = None) -> None:
        told.append((status, headers))

    answer = app(_environ(request), start)
    try:
        body = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    status, headers = told[-1]
    kept: Headers = tuple((name, value) for name, value in headers if name.lower() not in _OWN)
    return Reply(int(status.split()[0]), body, kept)


def _environ(request: Request) -> dict[str, Any]:
    path, _, query = request.target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "RAW_URI": request.target,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ


def _effects(request: Request, reply: Reply) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """An object put, whole or by its parts put together; an object taken away."""
    bucket, key = _place(request)
    query = request.target.partition("?")[2]
    if not key:
        return
    about = {"id": f"{bucket}/{key}", "bucket": bucket, "key": key}
    if request.method == "PUT" and not _is_about(query):
        kind = request.header("content-type")
        size = request.header("x-amz-decoded-content-length") or len(request.body)
        yield "object", {**about, "size": int(size), "content_type": kind, "etag": reply.header("etag")}
    elif request.method == "POST" and "uploadId=" in query:
        yield "object", about
    elif request.method == "DELETE" and not _is_about(query):
        yield "object deletion", {**about, "compensates": "object", "original": about["id"]}


def _is_about(query: str) -> bool:
    """Whether a query asks for something of an object rather than for the object."""
    return any(part.partition("=")[0] in _PARTS for part in query.split("&"))


def _place(request: Request) -> tuple[str, str]:
    """Bucket and key, from the path or, in the virtual-hosted style, from the host and the path."""
    path = unquote(request.path).lstrip("/")
    if host := _HOST.match(request.header("host") or ""):
        return host["bucket"], path
    bucket, _, key = path.partition("/")
    return bucket, key


def _operation(backends: Any, method: str, target: str) -> str:
    """``PUT /{bucket}/{key}``: names of buckets and objects taken out, sub-resources kept."""
    path, _, query = target.partition("?")
    first, _, rest = unquote(path).lstrip("/").partition("/")
    known = any(first in backend.buckets for backend in _backends(backends))
    if not first:
        shape = "/"
    elif rest:
        shape = "/{bucket}/{key}" if known else "/{key}"
    else:
        shape = "/{bucket}"
    about = sorted(part.partition("=")[0] for part in query.split("&") if _is_about(part))
    return f"{method.upper()} {shape}{'?' + '&'.join(about) if about else ''}"


def _backends(backends: Any) -> Iterator[Any]:
    for account in list(backends.values()):
        yield from list(account.values())


def _empty(backends: Any, *, buckets: bool = False) -> None:
    """Forget every object; with ``buckets`` the buckets too."""
    for backend in _backends(backends):
        if buckets:
            backend.reset()
        for bucket in backend.buckets.values():
            bucket.keys.clear()
            bucket.multiparts.clear()


def _create(app: Any, bucket: str) -> None:
    """Raises UsageError ``double-bucket`` for a name that no bucket can have."""
    fits = _BUCKET.fullmatch(bucket)
    if not fits or _ask(app, Request("PUT", f"/{bucket}", (("host", "127.0.0.1"),))).status != 200:
        raise UsageError(
            "double-bucket",
            f"no bucket can be named {bucket!r}",
            details=["3 to 63 lower-case letters, digits, dots and hyphens"],
            way_out='write double = "s3:uploads,avatars"',
        )


def _error(status: int, code: str) -> Reply:
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{code}</Message></Error>'
    )
    return Reply(status, body.encode(), (("content-type", "application/xml"),))


_STATUSES = {
    403: "AccessDenied",
    404: "NoSuchKey",
    409: "OperationAborted",
    429: "SlowDown",
    500: "InternalError",
    502: "BadGateway",
    503: "SlowDown",
    504: "GatewayTimeout",
}
