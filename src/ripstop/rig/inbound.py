"""What faults of the caller's side make of a request: another one sent, a connection reset half way.

Faults answer with commands; here they are asked with the live request, and departing is done.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import httpx

from ripstop.model.fault import Commands, Depart, Facts, Fault, Repeat, Replace
from ripstop.model.http import Headers, Request
from ripstop.model.plan import Armed
from ripstop.model.trace import CLIENT, Crossing, CrossingId, Kind

_STEP_S = 0.0002
_USUAL = frozenset(
    {"authorization", "x-api-key", "api-key", "x-auth-token", "x-access-token", "x-session-token", "cookie"}
)
_RST = struct.pack("ii", 1, 0)
"""SO_LINGER on, with no time to linger: closing sends an RST (socket(7))."""


@runtime_checkable
class _Informed(Protocol):
    def informed(self, facts: Facts) -> Fault: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks in a run: the headers that say so, those of somebody else, and where the key is."""

    credentials: Headers = ()
    other: Headers = ()
    key: str = ""


NOBODY = Identity()


def credentials_of(request: Request, named: Headers = (), *, guess: bool = True) -> Headers:
    """The headers of a request that say who asks: those named, else those that usually do."""
    wanted = {name.lower() for name, _ in named} or (_USUAL if guess else frozenset())
    return tuple((name, value) for name, value in request.headers if name.lower() in wanted)


def at_client(armed: Sequence[Armed], step: str) -> tuple[Armed, ...]:
    """Those of the faults that break a step's request at the caller's own side."""
    return tuple(a for a in armed if a.injection.crossing.seam == CLIENT and a.injection.concerns(step))


def on_request(armed: Armed, request: Request, who: Identity) -> Commands:
    """What is to become of a request that is about to be sent."""
    return _asked(armed, request, who).on_request(_crossing(armed))


def on_reply(armed: Armed, request: Request, who: Identity = NOBODY) -> Commands:
    """What is to be sent after a request was answered."""
    return _asked(armed, request, who).on_reply(_crossing(armed), None)


def alters(armed: Armed, request: Request, who: Identity = NOBODY) -> bool:
    """Whether the fault sends another request in the recorded one's place."""
    return any(isinstance(command, Replace) for command in on_request(armed, request, who))


def departs(commands: Commands) -> bool:
    return any(isinstance(command, Depart) for command in commands)


def next_request(commands: Commands, request: Request) -> Request | None:
    """The request to send once the answer has come: the same, another, or none."""
    for command in commands:
        if isinstance(command, Replace):
            return command.request
        if isinstance(command, Repeat):
            return request
    return None


def wired(request: Request, like: httpx.Request) -> httpx.Request:
    """A request as httpx sends it, to where another one was to go."""
    base = f"{like.url.scheme}://{like.url.netloc.decode('ascii')}"
    return httpx.Request(
        request.method,
        base + request.target,
        headers=list(request.headers),
        content=request.body,
        extensions=like.extensions,
    )


def depart(request: httpx.Request, at_work: Callable[[], bool], budget_s: float) -> bool:
    """Send a request whole and reset the connection once the service is at work.

    False where it answered, hung up or let the budget pass without having touched a seam.
    """
    end = time.monotonic() + budget_s
    place = (request.url.host, request.url.port or 80)
    with socket.create_connection(place, timeout=budget_s) as connection:
        connection.sendall(_bytes(request))
        while not (seen := at_work()):
            over = select.select([connection], [], [], 0)[0] or time.monotonic() >= end
            if over:
                seen = at_work()
                break
            time.sleep(_STEP_S)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
    return seen


def _asked(armed: Armed, request: Request, who: Identity) -> Fault:
    credentials = credentials_of(request, who.credentials)
    facts = Facts(request=request, credentials=credentials, other=who.other, key=who.key)
    return armed.fault.informed(facts) if isinstance(armed.fault, _Informed) else armed.fault


def _crossing(armed: Armed) -> Crossing:
    where = armed.injection.crossing
    return Crossing(CrossingId(where.step, CLIENT, where.operation), CLIENT, Kind.CALL)


def _bytes(request: httpx.Request) -> bytes:
    """A request in HTTP/1.1's own framing (RFC 9112, 3 and 5)."""
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [name + b": " + value for name, value in request.headers.raw]
    return b"\r\n".join([*lines, b"", request.content])
