"""One request at an http seam and what is done with it: the fault's commands, or the double's reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ripstop.model.fault import (
    Command,
    Commands,
    CutBoth,
    CutClient,
    Delay,
    Forward,
    Hold,
    Redeliver,
    SendClient,
    Signal,
    Yield,
)
from ripstop.model.http import Reply, Request
from ripstop.model.secrets import mask_body, mask_text
from ripstop.model.trace import Kind, operation_of
from ripstop.seams.board import Board
from ripstop.seams.http_work import Respondent, Worker
from ripstop.wire.http import Framed, ServerConversation

_PROBLEMS = 200
_OPERATIONS = 1_000
_TEXT = 200


class Line(Protocol):
    """What an exchange needs of its connection."""

    number: int
    conversation: ServerConversation
    lost: asyncio.Event
    finished: bool
    peer_port: int

    @property
    def gone(self) -> bool: ...

    def write(self, data: bytes) -> None: ...

    async def drained(self) -> None: ...

    def close(self) -> None: ...

    def reset(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all connections of a seam share. ``problems`` are defects of ours, for the report;
    ``given`` the double's last 2xx reply to each operation; ``after`` is told of each
    exchange's end, and how often what it leads to is to be sent; it says how much that was."""

    name: str
    double: Respondent
    board: Board
    worker: Worker
    problems: list[str]
    given: dict[str, Reply] = field(default_factory=dict)
    after: Callable[[int], int] | None = None


class Exchange:
    """One crossing, from the whole request to its last byte or its end without one."""

    def __init__(self, line: Line, around: Surroundings, request: Request) -> None:
        self._line = line
        self._around = around
        self._request = request
        operation = around.double.operation(request.method, request.target)
        self._ticket = around.board.open(
            around.name,
            "http",
            operation or operation_of(request.method, request.target),
            Kind.CALL,
            text=_text(request),
            session=line.number,
            port=line.peer_port,
        )
        self.holding = False
        self._times = 1

    @property
    def faulted(self) -> bool:
        """Whether a fault is armed for this crossing."""
        return self._ticket.fault is not None

    def describe(self) -> str:
        return f"{self._ticket.crossing.id}{' (held)' if self.holding else ''}"

    async def run(self) -> None:
        """Obey the fault or ask the double; the crossing is closed however this ends."""
        outcome = "cut"
        try:
            outcome = await self._on_request()
        finally:
            self._around.board.close(self._ticket, "held" if self.holding else outcome)
            self._follow_up()

    def _follow_up(self) -> None:
        """Let what the call leads to be sent. Sending it twice has happened where there was something."""
        sent = self._around.after(self._times) if self._around.after else 0
        if sent and self._times > 1:
            self._around.board.fire(self._ticket)

    async def _on_request(self) -> str:
        fault = self._ticket.fault
        commands = fault.on_request(self._ticket.crossing) if fault else ()
        return await self._obey_all(commands) or await self._pass_on()

    async def _pass_on(self) -> str:
        """Hand the request to the double, and its reply to the fault."""
        fault = self._ticket.fault
        reply, sound = await self._ask()
        self._remember(reply)
        commands = fault.on_reply(self._ticket.crossing, reply) if fault and sound else ()
        return await self._obey_all(commands) or await self._send(reply)

    def _remember(self, reply: Reply) -> None:
        given, operation = self._around.given, self._ticket.crossing.id.operation
        if 200 <= reply.status < 300 and (operation in given or len(given) < _OPERATIONS):
            given[operation] = reply

    async def _ask(self) -> tuple[Reply, bool]:
        """The double's reply; False beside a 500 of ours where the double is defective."""
        try:
            answer = self._around.double.admit(self._request)
            return answer if isinstance(answer, Reply) else await self._around.worker.do(answer), True
        except Exception as error:
            return self._defect(str(error)), False

    async def _obey_all(self, commands: Commands) -> str:
        """The outcome, or empty where the exchange goes on."""
        for command in commands:
            if isinstance(command, Forward):
                return ""
            if outcome := await self._obey(command):
                return outcome
        return ""

    async def _obey(self, command: Command) -> str:
        match command:
            case Delay(delay_ms):
                self._fire()
                await asyncio.sleep(delay_ms / 1_000)
                return ""
            case Yield():
                await self._around.board.yield_turn(self._ticket)
                return ""
            case Hold():
                self._fire()
                self.holding = True
                if not self._line.finished:
                    await self._line.lost.wait()
                self._line.reset()
                return "held"
            case Redeliver():
                self._times = 2
                return ""
            case Signal(number):
                self._fire()
                self._around.board.strike(number, self._line.peer_port)
                return ""
            case CutClient() | CutBoth():
                self._fire()
                self._line.reset()
                return "cut"
            case SendClient():
                self._fire()
                return await self._send_instead(command)
            case _:
                raise ValueError(f"{command!r} is nothing an http seam can do with a request")

    def _fire(self) -> None:
        """The fault acts now. Where the peer has gone by itself, it does not."""
        if not self._line.gone:
            self._around.board.fire(self._ticket)

    async def _send(self, reply: Reply) -> str:
        framed = self._framed(reply)
        self._line.write(framed.head + framed.body)
        if framed.close:
            self._line.close()
        await self._line.drained()
        return f"status:{reply.status}"

    async def _send_instead(self, command: SendClient) -> str:
        """A reply of the fault's own, whole, cut short or byte by byte."""
        framed = self._framed(command.reply)
        truncated = command.truncate_at is not None
        body = framed.body[: command.truncate_at]
        self._line.write(framed.head)
        if command.dribble_ms:
            await self._dribble(body, command.dribble_ms)
        else:
            self._line.write(body)
        if truncated or framed.close:
            self._line.close()
        await self._line.drained()
        return "cut" if truncated else f"status:{command.reply.status}"

    async def _dribble(self, body: bytes, dribble_ms: int) -> None:
        for place in range(len(body)):
            if self._line.gone:
                return
            await asyncio.sleep(dribble_ms / 1_000)
            self._line.write(body[place : place + 1])

    def _framed(self, reply: Reply) -> Framed:
        try:
            return self._line.conversation.answer(reply)
        except ValueError as error:
            defect = f"a reply to {self._ticket.crossing.id} is no HTTP: {error}"
            return self._line.conversation.answer(self._defect(defect))

    def _defect(self, message: str) -> Reply:
        note(self._around.problems, message)
        return Reply.of(500, {"ripstop": {"problem": message}})


def note(problems: list[str], problem: str) -> None:
    """Keep a problem for the report, as one line; the list is bounded."""
    if len(problems) < _PROBLEMS:
        problems.append("; ".join(problem.splitlines()))


def _text(request: Request) -> str:
    body = f" {mask_body(request.body, _TEXT)}" if request.body else ""
    return f"{request.method} {mask_text(request.target)[:_TEXT]}{body}"
