"""HTTP/1.1, the server's side: bytes to whole requests, replies to bytes. Framing is h11's.

One ``ServerConversation`` is one connection. No socket and no clock: whoever owns them feeds
bytes, asks for events, and sends what comes back. What a request means is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus

import h11

from ripstop.model.http import Headers, Reply, Request, header

LIMIT_BYTES = 16 * 1024 * 1024
_BACKLOG_BYTES = 64 * 1024
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_FRAMING = frozenset({"content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Refused:
    """What arrived is no request we can take: send ``reply`` and close (RFC 9112, 2.2)."""

    reply: Reply
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The peer will send no further request."""


@dataclass(frozen=True, slots=True)
class Framed:
    """A reply as bytes. ``close`` says that the connection ends with it."""

    head: bytes
    body: bytes
    close: bool


Incoming = Request | Refused | Ended


class ServerConversation:
    """One connection, read as requests answered one at a time, in order (RFC 9112, 9.3.2)."""

    def __init__(self, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._h11 = h11.Connection(h11.SERVER)
        self._head: h11.Request | None = None
        self._method = ""
        self._answer_due, self._method = False, ""
        self._body = bytearray()
        self._early_bytes = 0
        self._partial = False
        self._over = False

    def receive(self, data: bytes) -> None:
        """Take bytes from the peer; empty for the end of its stream."""
        if self._over:
            return
        if self._answer_due:
            self._early_bytes += len(data)
        self._partial = bool(data)
        self._h11.receive_data(data)

    def next_event(self) -> Incoming | None:
        """The next thing that arrived whole; None while there is none, or an answer is due first."""
        if self._over:
            return Ended()
        if self._answer_due:
            return None
        try:
            return self._next()
        except h11.RemoteProtocolError as error:
            self._over = True
            return _refusal(error.error_status_hint, str(error))

    def interim(self) -> bytes:
        """The bytes of ``100 Continue`` where the peer waits for them (RFC 9110, 10.1.1)."""
        if self._over or not self._h11.they_are_waiting_for_100_continue:
            return b""
        interim = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
        return self._h11.send(interim) or b""

    def answer(self, reply: Reply) -> Framed:
        """Frame the reply to the request last read. Raises ValueError for one HTTP cannot carry."""
        if not 200 <= reply.status <= 999:
            raise ValueError(f"{reply.status} is not a final HTTP status")
        body = b"" if self._bodiless(reply) else reply.body
        fields = [(_encode(name), _encode(value)) for name, value in _fields(reply, self._method)]
        try:
            response = h11.Response(status_code=reply.status, reason=_reason(reply.status), headers=fields)
            head = self._h11.send(response) or b""
            self._h11.send(h11.Data(data=body))
            self._h11.send(h11.EndOfMessage())
        except h11.LocalProtocolError as error:
            raise ValueError(f"the reply cannot be sent: {error}") from error
        return Framed(head, body, close=self._start_over())

    @property
    def overfull(self) -> bool:
        """More was sent ahead of our answer than is worth keeping: stop reading for now."""
        return self._answer_due and self._early_bytes > _BACKLOG_BYTES

    @property
    def partial(self) -> bool:
        """A request has begun to arrive and is not whole yet."""
        return not self._over and (self._head is not None or self._partial)

    def _next(self) -> Incoming | None:
        while True:
            event = self._h11.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return None
            if isinstance(event, h11.ConnectionClosed):
                self._over = True
                return Ended()
            taken = self._take(event)
            if taken is not None:
                return taken

    def _take(self, event: object) -> Incoming | None:
        if isinstance(event, h11.Request):
            self._head, self._method = event, event.method.decode("ascii")
            return self._refused_by_head(event)
        if isinstance(event, h11.Data):
            self._body += event.data
            return self._too_large() if len(self._body) > self._limit_bytes else None
        return self._whole()

    def _refused_by_head(self, head: h11.Request) -> Refused | None:
        if not head.http_version.startswith(b"1."):
            self._over = True
            return _refusal(505, f"HTTP/{head.http_version.decode('ascii')} is not spoken here")
        if head.method == b"CONNECT":
            self._over = True
            return _refusal(501, "CONNECT asks for a tunnel, and none is offered here")
        length = header(_decoded(head), "content-length")
        return self._too_large() if length and int(length) > self._limit_bytes else None

    def _too_large(self) -> Refused:
        self._over = True
        return _refusal(413, f"the body is larger than {self._limit_bytes} bytes")

    def _whole(self) -> Request | None:
        if self._head is None:
            return None
        request = Request(
            self._method,
            _origin_form(self._head.target.decode("latin-1")),
            _decoded(self._head),
            bytes(self._body),
        )
        self._answer_due, self._partial, self._head = True, False, None
        self._early_bytes = len(self._h11.trailing_data[0])
        self._body.clear()
        return request

    def _start_over(self) -> bool:
        """Be ready for the next request; True where there can be none."""
        if self._over or self._h11.states != {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            self._over = True
            return True
        self._h11.start_next_cycle()
        self._answer_due, self._method = False, ""
        self._partial = bool(self._h11.trailing_data[0])
        return False

    def _bodiless(self, reply: Reply) -> bool:
        return reply.status in _BODILESS or self._method == "HEAD"


def _fields(reply: Reply, method: str) -> Headers:
    """The reply's own fields; how it is framed is decided here, not by whoever wrote it.

    To a HEAD it may tell the length of what a GET would be answered (RFC 9110, 8.6).
    """
    own = tuple((name, value) for name, value in reply.headers if name.lower() not in _FRAMING)
    if reply.status == HTTPStatus.NO_CONTENT:
        return own
    told = reply.header("content-length") if method == "HEAD" and not reply.body else None
    length = told if told and told.isascii() and told.isdigit() else str(len(reply.body))
    return (*own, ("Content-Length", length))


def refuse(conversation: ServerConversation, refused: Refused) -> Framed:
    """Frame the reply to something that was no request; the connection ends with it."""
    return replace(conversation.answer(refused.reply), close=True)


def _refusal(status: int, reason: str) -> Refused:
    body = {"error": {"type": "malformed_request", "message": reason}}
    return Refused(Reply.of(status, body, {"Connection": "close"}), reason)


def _decoded(head: h11.Request) -> Headers:
    """RFC 9110, 5.5: field values are octets; ISO-8859-1 keeps each of them."""
    return tuple((name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers.raw_items())


def _encode(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise ValueError(f"the header text {text!r} has characters HTTP cannot carry") from error


def _origin_form(target: str) -> str:
    """The path and query of a target that names its host as well (RFC 9112, 3.2.2: servers take it)."""
    scheme, separator, rest = target.partition("://")
    if not separator or not scheme.isalpha():
        return target
    return "/" + rest.partition("/")[2]


def _reason(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode("ascii")
    except ValueError:
        return b""
