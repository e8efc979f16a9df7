"""What is said on a connection of the SMTP seam, command by command, in order.

Pipelined commands (RFC 2920) are taken one after the other: replies come in the order they are due.
The seam itself answers STARTTLS, AUTH and BDAT; everything else is the server's to answer.
"""

from __future__ import annotations

from ripstop.model.trace import CONNECT, Kind
from ripstop.seams.board import Ticket
from ripstop.seams.smtp_crossing import answer, arrive, cross, over
from ripstop.seams.smtp_session import Gone, Session
from ripstop.wire.smtp.auth import OFFERED, Authentication
from ripstop.wire.smtp.client import Command
from ripstop.wire.smtp.server import Reply, offer, say

_CONNECTING = frozenset({"EHLO", "HELO", "LHLO", "NOOP", "QUIT"})
_NAMED = frozenset({"RSET", "VRFY", "EXPN", "HELP"})
_OURS = ("STARTTLS", "AUTH", "CHUNKING", "BINARYMIME", "XCLIENT", "XFORWARD")
_GO_AHEAD = b"354 End data with <CR><LF>.<CR><LF>\r\n"
_DATA = b"DATA\r\n"
_OCTETS_LIMIT = 1 << 40


async def talk(session: Session) -> None:
    """From the greeting to the end. Raises Gone, WireError."""
    await _Dialogue(session).run()


class _Dialogue:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._greeted = False
        self._authenticated = False
        self._sender = ""
        self._recipients: list[str] = []

    async def run(self) -> None:
        await self._connect()
        if self._session.server is None:
            await self._turned_away()
        while not self._session.ended:
            command = await self._session.command()
            if command.too_long:
                self._session.say(say(500, "5.5.2 Line too long"))
            else:
                await self._take(command)

    async def _connect(self) -> None:
        session = self._session
        ticket = arrive(session, CONNECT, Kind.CONNECT)
        try:
            await cross(session, ticket, self._greeting)
        except OSError as failure:
            session.note(f"the server does not take connections: {failure}")
            session.end("refused", reset=True)

    async def _turned_away(self) -> None:
        """A client that was refused at the greeting may say QUIT, and nothing else (RFC 5321, 3.1)."""
        while not self._session.ended:
            command = await self._session.command()
            quits = command.verb == "QUIT"
            self._session.say(say(221, "2.0.0 Bye") if quits else say(503))
            if quits:
                self._session.end()

    async def _greeting(self) -> Reply:
        await self._session.dial()
        return await self._session.reply()

    async def _take(self, command: Command) -> None:
        match command.verb:
            case "STARTTLS":
                self._start_tls(command)
            case "AUTH":
                await self._authenticate(command)
            case "BDAT":
                await self._refuse_chunk(command)
            case "MAIL" | "RCPT" | "DATA" if not self._greeted:
                self._session.say(say(503, "5.5.1 Error: send EHLO first"))
            case "MAIL" | "RCPT":
                await self._address(command)
            case "DATA":
                await self._data(command)
            case verb if verb in _CONNECTING:
                await self._connecting(command)
            case verb:
                ticket = arrive(self._session, verb if verb in _NAMED else "UNKNOWN", Kind.OTHER)
                await cross(self._session, ticket, lambda: self._ask(command))

    async def _connecting(self, command: Command) -> None:
        session = self._session
        reply = await session.ask(command.raw)
        extended = command.verb in ("EHLO", "LHLO")
        if command.verb in _CONNECTING - {"NOOP", "QUIT"} and reply.positive:
            self._greeted = True
            self._forget()
        session.say(self._offered(reply) if extended and reply.code == 250 else reply.raw)

    def _offered(self, reply: Reply) -> bytes:
        add = ["PIPELINING"] if self._authenticated else ["PIPELINING", OFFERED]
        if self._may_start_tls:
            add.append("STARTTLS")
        return offer(reply, add=add, drop=_OURS)

    @property
    def _may_start_tls(self) -> bool:
        return self._session.around.tls is not None and not self._session.client.encrypted

    def _start_tls(self, command: Command) -> None:
        """RFC 3207: a server forgets what the client said before TLS."""
        if not self._may_start_tls:
            self._session.say(say(502 if self._session.around.tls is None else 503))
        elif command.argument:
            self._session.say(say(501))
        else:
            self._session.say(say(220, "2.0.0 Ready to start TLS"))
            self._session.start_tls()
            self._greeted = self._authenticated = False
            self._forget()

    async def _authenticate(self, command: Command) -> None:
        """Everybody is let in. What is said here reaches no text and no other server."""
        session = self._session
        if self._authenticated or session.mailing or not self._greeted:
            session.say(say(503))
            return
        exchange = Authentication()
        session.say(exchange.begin(command.argument))
        while not exchange.over:
            line = await session.command()
            session.say(exchange.answer(line.raw.decode("ascii", "replace").rstrip("\r\n")))
        self._authenticated = exchange.accepted

    async def _refuse_chunk(self, command: Command) -> None:
        """BDAT is not offered; its octets follow it all the same (RFC 3030, 2)."""
        size = command.argument.partition(" ")[0]
        if not (size.isascii() and size.isdigit() and len(size) <= 12 and int(size) <= _OCTETS_LIMIT):
            self._session.say(say(501))
            return
        await self._session.skip(int(size))
        self._session.say(say(502))

    async def _address(self, command: Command) -> None:
        """MAIL and RCPT: a refusal concerns this one only, the others stand (RFC 5321, 3.3)."""
        ticket = arrive(self._session, command.verb, Kind.OTHER, f"{command.verb} {command.argument}")
        await cross(self._session, ticket, lambda: self._ask(command))

    async def _ask(self, command: Command) -> Reply:
        """Pass a command on, and keep in mind what an accepted one changes."""
        reply = await self._session.ask(command.raw)
        if reply.positive and command.verb == "MAIL":
            self._sender, self._session.mailing = command.path, True
        elif reply.positive and command.verb == "RCPT":
            self._recipients.append(command.path)
        elif reply.positive and command.verb == "RSET":
            self._forget()
        return reply

    async def _data(self, command: Command) -> None:
        text = f"DATA from {self._sender} to {', '.join(self._recipients[:10])}"
        ticket = arrive(self._session, "DATA", Kind.CALL, text)
        if ticket.fault and self._session.mailing and self._recipients and not command.argument:
            await self._broken_data(ticket)
        else:
            await self._sound_data(command)

    async def _sound_data(self, command: Command) -> None:
        """Pass the message on as it comes."""
        session = self._session
        reply = await session.ask(command.raw)
        if reply.code != 354:
            answer(session, reply)
            return
        session.say(reply.raw)
        session.begin_content()
        await self._rest_of_message()

    async def _rest_of_message(self) -> None:
        """Pass the rest of a message on, and give the client the reply once."""
        session, whole = self._session, False
        while not whole:
            content, whole = await session.content()
            session.send(content)
        early = session.early
        reply = early or await session.reply()
        self._forget()
        if early:
            over(session, early.code)
        else:
            answer(session, reply)

    async def _broken_data(self, ticket: Ticket) -> None:
        """Take the whole message before the server hears of it, for a fault to decide what becomes of it."""
        session, message, whole = self._session, bytearray(), False
        session.say(_GO_AHEAD)
        session.begin_content()
        while not whole and len(message) <= session.around.limit_bytes:
            content, whole = await session.content()
            message += content
        if whole:
            await cross(session, ticket, lambda: self._deliver(bytes(message)))
        else:
            session.note("a message is too large to be broken; it was passed on")
            await self._give_up_breaking(bytes(message))
        self._forget()

    async def _deliver(self, message: bytes) -> Reply:
        reply = await self._session.ask(_DATA)
        if reply.code == 354:
            reply = await self._session.ask(message)
        self._forget()
        return reply

    async def _give_up_breaking(self, begun: bytes) -> None:
        """The server is given what was kept of a message, and the rest as it comes."""
        session = self._session
        reply = await session.ask(_DATA)
        if reply.code != 354:
            answer(session, reply)
            raise Gone
        session.send(begun)
        await self._rest_of_message()

    def _forget(self) -> None:
        """The mail transaction is over."""
        self._sender, self._session.mailing = "", False
        self._recipients.clear()
