"""Obeying a fault at one crossing of the Redis seam, command by command.

A fault says what is to happen; what each command means at this wire is here. A connection is quiet
while a fault is obeyed: what was asked before the crossing has been answered, and nothing after it
has been read, so that in a pipeline the fault strikes at its true place.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ripstop.model.fault import (
    Command,
    Commands,
    CutBoth,
    CutClient,
    Delay,
    Fault,
    Forward,
    Hold,
    RunServer,
    SayClient,
    Signal,
    Yield,
)
from ripstop.model.trace import Crossing, Kind
from ripstop.seams.redis_session import Relay
from ripstop.wire.redis.replies import Replies, Reply
from ripstop.wire.redis.requests import Request
from ripstop.wire.redis.session import OK, Asked

_NOTHING_CHANGED = b":0\r\n"


@dataclass(frozen=True, slots=True)
class RedisReply:
    """A server's answer, as a fault's ``on_reply`` sees it: ``ok`` or ``error:CODE``, and its bytes."""

    outcome: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Act:
    """One fault at one crossing."""

    relay: Relay
    asked: Asked
    request: Request
    fault: Fault
    crossing: Crossing

    def fire(self) -> None:
        ticket = self.relay.tickets.get(self.asked)
        if ticket and not self.relay.client.closed:
            self.relay.around.board.fire(ticket)

    def over(self, outcome: str) -> None:
        self.relay.close_ticket(self.asked, outcome)


async def obey(relay: Relay, asked: Asked, request: Request) -> None:
    """Do what the fault armed at a crossing wants, or just pass it on where none is (at connecting)."""
    await relay.answered()
    ticket = relay.tickets.get(asked)
    if ticket is None:
        return
    if ticket.fault is None:
        await relay.connect()
        relay.close_ticket(asked, OK)
        return
    act = Act(relay, asked, request, ticket.fault, ticket.crossing)
    for command in act.fault.on_request(act.crossing) or (Forward(),):
        if isinstance(command, Forward):
            await _forward(act)
            return
        if await _anywhere(act, command):
            return
    await _hold(act)


async def obey_reply(relay: Relay, asked: Asked, raw: bytes) -> None:
    """A blocking command's answer has come: only what a fault wants at a reply can be done by now."""
    ticket = relay.tickets[asked]
    assert ticket.fault is not None
    relay.kept = raw
    act = Act(relay, asked, Request(b"", (), 0), ticket.fault, ticket.crossing)
    if act.fault.on_request(act.crossing) not in ((), (Forward(),)):
        relay.note(
            f"{act.fault.spec} comes too late at {act.crossing.id}, which had waited; it was passed on"
        )
        act.over(asked.outcome)
        return
    await _reply(act)


async def _forward(act: Act) -> None:
    """Pass it on, keep its answer back until it is complete, then ask the fault again."""
    relay, asked = act.relay, act.asked
    if act.crossing.kind is Kind.CONNECT and not act.request.raw:
        await relay.connect()
        asked.outcome = OK
    else:
        relay.ask(asked, act.request)
        await relay.answered()
    if not relay.ended:
        await _reply(act)


async def _reply(act: Act) -> None:
    relay, asked = act.relay, act.asked
    overflowed = relay.kept is None and bool(act.request.raw)
    reply = RedisReply(asked.outcome, relay.kept or b"")
    commands: Commands = () if overflowed else act.fault.on_reply(act.crossing, reply)
    for command in commands or (Forward(),):
        if isinstance(command, Forward):
            act.over(asked.outcome)
            return
        if await _anywhere(act, command):
            return
    await _hold(act)


async def _anywhere(act: Act, command: Command) -> bool:
    """Obey one command; True where the crossing is done with."""
    relay = act.relay
    match command:
        case Delay(delay_ms):
            act.fire()
            await asyncio.sleep(delay_ms / 1000)
        case Yield():
            await relay.around.board.yield_turn(relay.tickets[act.asked])
        case Hold():
            await _hold(act)
        case Signal(number):
            act.fire()
            relay.around.board.strike(number, relay.client.peer_port)
        case CutClient() | CutBoth():
            act.fire()
            relay.cut()
            return True
        case RunServer(data) if relay.server and not relay.deaf:
            await _run(act, data)
        case SayClient(data, close):
            act.fire()
            relay.kept = data
            act.over(_outcome(data))
            if close or relay.server is None:
                relay.client.write(data)
                relay.end(_outcome(data))
            return True
        case _:
            relay.note(f"{command} means nothing at {act.crossing.id}")
    return False


async def _run(act: Act, data: bytes) -> None:
    """Run requests of the fault's on the real server. Where all of them found nothing to do (a key
    to evict that is not there) nothing has happened."""
    relay = act.relay
    seen: list[bytes] = []
    mine = relay.ask_hidden(data)
    relay.hidden = seen
    await relay.answered()
    relay.hidden = None
    if len(seen) != len(mine) or any(raw != _NOTHING_CHANGED for raw in seen):
        act.fire()


async def _hold(act: Act) -> None:
    """Say nothing, until somebody ends the connection."""
    act.fire()
    act.relay.holding = True
    await asyncio.get_running_loop().create_future()


def _outcome(data: bytes) -> str:
    reader = Replies()
    reader.receive(data)
    reply = reader.next()
    return f"error:{reply.error}" if isinstance(reply, Reply) and reply.error else OK
