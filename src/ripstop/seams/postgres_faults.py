"""Obeying a fault at one crossing of the PostgreSQL seam, command by command.

A fault says what is to happen; what each command means at this wire is here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ripstop.model.fault import (
    Command,
    CutBoth,
    CutClient,
    Delay,
    Fatal,
    Fault,
    Forward,
    Hold,
    SendBackend,
    Signal,
    Yield,
)
from ripstop.model.trace import Crossing, Kind
from ripstop.seams.postgres_opening import connect
from ripstop.seams.postgres_session import Relay
from ripstop.wire.postgres.errors import fatal
from ripstop.wire.postgres.frontend import Stop
from ripstop.wire.postgres.messages import FLUSH, ready
from ripstop.wire.postgres.private import (
    Changes,
    ask_extended,
    ask_simply,
    forget,
    hide_sync,
    keep_replies,
)
from ripstop.wire.postgres.session import OK, SKIPPED, Asked, Owed
from ripstop.wire.postgres.states import EXECUTE, QUERY

_EARLIER_WAIT_S = 5.0
_LOOK_S = 0.001


@dataclass(frozen=True, slots=True)
class PostgresReply:
    """How a statement ended, as a fault's ``on_reply`` sees it: ``ok`` or ``error:SQLSTATE``."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Act:
    """One fault at one crossing. ``message`` is the Query, the Execute or the start-up packet."""

    relay: Relay
    asked: Asked
    message: bytes
    fault: Fault
    crossing: Crossing

    def fire(self) -> None:
        ticket = self.relay.tickets.get(self.asked)
        if ticket:
            self.relay.around.board.fire(ticket)

    def over(self, outcome: str) -> None:
        self.relay.close_ticket(self.asked, outcome)


async def obey(relay: Relay, asked: Asked, message: bytes) -> None:
    """Ask the armed fault what to do with a crossing that has arrived, and do it."""
    ticket = relay.tickets[asked]
    assert ticket.fault is not None
    act = Act(relay, asked, message, ticket.fault, ticket.crossing)
    for command in act.fault.on_request(act.crossing) or (Forward(),):
        if await _at_request(act, command):
            return
    await _hold(act)


async def _at_request(act: Act, command: Command) -> bool:
    """Obey one command; True where the crossing is done with."""
    match command:
        case Forward():
            await _forward(act)
            return True
        case SendBackend():
            if act.crossing.kind is Kind.CONNECT or act.relay.tracker.status == "E":
                # A failed transaction refuses every statement by itself.
                await _forward(act)
                return True
            return await _send_backend(act, command)
    return await _anywhere(act, command)


async def _anywhere(act: Act, command: Command) -> bool:
    match command:
        case Delay(delay_ms):
            act.fire()
            await asyncio.sleep(delay_ms / 1000)
        case Yield():
            await _yield(act)
        case Hold():
            await _hold(act)
        case Signal(number):
            act.fire()
            act.relay.around.board.strike(number, act.relay.client.peer_port)
        case CutClient() | CutBoth():
            await _finish_earlier(act)
            act.fire()
            act.relay.cut()
            return True
        case Fatal(sqlstate, message):
            act.fire()
            act.relay.client.write(fatal(sqlstate, message))
            act.relay.end(f"error:{sqlstate}")
            return True
        case _:
            act.relay.note(f"{command} means nothing at {act.crossing.id}")
    return False


async def _yield(act: Act) -> None:
    """Let another request go first; what was sent ahead of the crossing is done before that."""
    relay = act.relay
    earlier = [asked for asked in relay.tickets if asked is not act.asked]
    if earlier:
        relay.send(FLUSH)
        await _replied(earlier)
    await relay.around.board.yield_turn(relay.tickets[act.asked])
    relay.send_kept_back()


async def _replied(earlier: list[Asked]) -> None:
    """Until the server has replied to statements that were sent ahead; bounded, for it may skip them."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _EARLIER_WAIT_S
    while not all(one.replied or one.outcome for one in earlier) and loop.time() < deadline:
        await asyncio.sleep(_LOOK_S)


async def _finish_earlier(act: Act) -> None:
    """Let the server finish what was sent ahead of the crossing, so that a cut hits no other one."""
    relay, asked = act.relay, act.asked
    if asked.begun or asked.outcome or act.crossing.kind is Kind.CONNECT:
        return
    begun = asyncio.get_running_loop().create_future()
    keep_replies(relay.tracker)
    relay.when_begun(asked, lambda: begun.set_result(None))
    relay.send(FLUSH)
    skipped = asyncio.ensure_future(relay.answered(asked))
    try:
        await asyncio.wait({begun, skipped}, timeout=_EARLIER_WAIT_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        skipped.cancel()


async def _hold(act: Act) -> None:
    """Say nothing, until somebody ends the session."""
    act.fire()
    act.relay.holding = True
    await asyncio.get_running_loop().create_future()


async def _forward(act: Act) -> None:
    """Pass it on, keep its reply back until it is complete, then ask the fault again."""
    relay, asked = act.relay, act.asked
    if act.crossing.kind is Kind.CONNECT:
        await connect(relay, asked, act.message, keep=True)
        if relay.ended:
            return
    else:
        keep_replies(relay.tracker)
        relay.send(act.message + (b"" if asked.simple or not asked.settles_at_reply else FLUSH))
        if not asked.settles_at_reply:
            relay.follow(lambda stop: _until_sync(act, stop))
    await relay.answered(asked)
    relay.gate()
    if asked.outcome == SKIPPED:
        act.over(SKIPPED)
    elif relay.back.overflowed:
        relay.back.overflowed = False
        relay.note(f"the reply to {asked.statement.operation} is too large to be kept; it was passed on")
        act.over(asked.outcome)
    else:
        await _reply(act)


def _until_sync(act: Act, stop: Stop) -> None:
    """What a statement outside a transaction did is committed at the Sync, and answered whole then.

    A client that flushes first waits for an answer now: nothing is committed when it is lost.
    """
    if stop is Stop.SYNC:
        act.relay.gate()
    else:
        act.relay.settle_early(act.asked)


async def _reply(act: Act) -> None:
    reply = PostgresReply(act.asked.outcome)
    for command in act.fault.on_reply(act.crossing, reply) or (Forward(),):
        if isinstance(command, Forward):
            act.over(act.asked.outcome)
            return
        if await _anywhere(act, command):
            return
    await _hold(act)


async def _send_backend(act: Act, command: SendBackend) -> bool:
    """Run statements of ours in the crossing's place; True where the client has its answer."""
    relay, asked = act.relay, act.asked
    if not relay.tracker.withdraw(asked):
        return _skipped(act)
    if command.before:
        first = _ask(act, command.before)
        await relay.answered(first)
        if first.outcome == SKIPPED:
            return _skipped(act)
    mine = _ask(act, command.sql, command.error)
    relay.when_begun(mine, act.fire)
    await relay.answered(mine)
    if mine.outcome == SKIPPED:
        return _skipped(act)
    if mine.outcome == OK:
        relay.tracker.owe(Owed(QUERY if asked.simple else EXECUTE, asked))
        return False
    act.over(mine.outcome)
    await _clean_up(act, command)
    return True


def _skipped(act: Act) -> bool:
    """The server skips to the next Sync after an earlier error: this one would never have run."""
    act.relay.send(act.message)
    act.over(SKIPPED)
    return True


def _ask(act: Act, sql: str, changes: Changes | None = None) -> Asked:
    ask = ask_simply if act.asked.simple else ask_extended
    mine, sent = ask(act.relay.tracker, sql, changes=changes)
    act.relay.send(sent)
    return mine


async def _clean_up(act: Act, command: SendBackend) -> None:
    """After the error: wait for the client's Sync, leave no trace, and only then say ReadyForQuery."""
    relay, tracker = act.relay, act.relay.tracker
    if not act.asked.simple:
        await _synced(act)
        closed, sent = forget(tracker)
        relay.send(sent)
        await relay.answered(closed)
    if command.after_error:
        after, sent = ask_simply(tracker, command.after_error)
        relay.send(sent)
        await relay.answered(after)
    relay.client.write(ready(tracker.status))


async def _synced(act: Act) -> None:
    relay = act.relay
    hidden: asyncio.Future[Asked] = asyncio.get_running_loop().create_future()

    def stop(at: Stop) -> None:
        sync = hide_sync(relay.tracker) if at is Stop.SYNC else None
        if sync and not hidden.done():
            relay.gate()
            hidden.set_result(sync)

    relay.follow(stop)
    await relay.answered(await hidden)
