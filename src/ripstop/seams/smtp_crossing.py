"""One crossing of the SMTP seam: the armed fault's commands, or the server's reply passed on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ripstop.model.fault import (
    Command,
    Commands,
    CutBoth,
    CutClient,
    Delay,
    Forward,
    Hold,
    RunServer,
    SayClient,
    Signal,
    Yield,
)
from ripstop.model.secrets import mask_text
from ripstop.model.trace import Kind
from ripstop.seams.board import Ticket
from ripstop.seams.smtp_session import Session
from ripstop.wire.smtp.server import Reply, code_of

_TEXT = 200


def arrive(session: Session, operation: str, kind: Kind, text: str = "") -> Ticket:
    """Tell the board of a crossing that has arrived."""
    around = session.around
    shown = mask_text(text)[:_TEXT]
    session.ticket = around.board.open(
        around.name,
        "smtp",
        operation,
        kind,
        text=shown,
        session=session.number,
        port=session.client.peer_port,
    )
    return session.ticket


async def cross(session: Session, ticket: Ticket, forward: Callable[[], Awaitable[Reply]]) -> Reply | None:
    """Let a crossing happen as its fault wants it; the server's reply where the client was given it.

    ``forward`` passes the request on and waits for the reply. Raises Gone, WireError.
    """
    fault = ticket.fault
    if fault and await _obey_all(session, ticket, fault.on_request(ticket.crossing)):
        return None
    reply = await forward()
    if fault and await _obey_all(session, ticket, fault.on_reply(ticket.crossing, reply)):
        return None
    answer(session, reply)
    return reply


def answer(session: Session, reply: Reply) -> None:
    """Give the client the server's reply; by the time it reads it, the crossing is over."""
    over(session, reply.code)
    session.say(reply.raw)


def over(session: Session, code: int) -> None:
    """The crossing under way ended with a reply."""
    if session.ticket:
        session.around.board.close(session.ticket, f"status:{code}")
        session.ticket = None


async def _obey_all(session: Session, ticket: Ticket, commands: Commands) -> bool:
    """True where the crossing is done with. What fails meanwhile leaves the session in a fault's hands."""
    session.acting, done = True, False
    for command in commands:
        if isinstance(command, Forward):
            break
        done = await _obey(session, ticket, command)
        if done:
            break
    session.acting = False
    return done


async def _obey(session: Session, ticket: Ticket, command: Command) -> bool:
    match command:
        case Delay(delay_ms):
            _fire(session, ticket)
            await asyncio.sleep(delay_ms / 1_000)
        case Yield():
            await session.around.board.yield_turn(ticket)
        case Hold():
            _fire(session, ticket)
            session.holding = True
            await asyncio.get_running_loop().create_future()
        case CutClient() | CutBoth():
            _fire(session, ticket)
            session.end("cut", reset=True)
            return True
        case Signal(number):
            _fire(session, ticket)
            session.around.board.strike(number, session.client.peer_port)
        case RunServer(data):
            await _run(session, data)
        case SayClient(data, close):
            _fire(session, ticket)
            over(session, code_of(data))
            session.say(data)
            if close:
                session.end()
            return True
        case _:
            raise ValueError(f"{command!r} is nothing an smtp seam can do at a crossing")
    return False


async def _run(session: Session, data: bytes) -> None:
    """Requests of ours to the server; it answers each, and the client hears none of it."""
    for line in data.splitlines(keepends=True):
        await session.ask(line)


def _fire(session: Session, ticket: Ticket) -> None:
    """The fault acts now. Where the client has gone by itself, it does not."""
    if not session.client.closed:
        session.around.board.fire(ticket)
