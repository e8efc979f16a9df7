"""The SMTP seam under rough clients and random faults: every mail is accounted for, nothing is left."""

from __future__ import annotations

import contextlib
import random
import socket
import struct

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ripstop import faults
from ripstop.model.trace import Phase

from .smtp_harness import WAIT_S, Mailed, Talk, mailed

CONNECTIONS = 4
BUFFER_BYTES = 1_000_000
SEEDS = st.integers(0, 2**32)
LINES = (
    b"NOOP\r\n",
    b"RSET\r\n",
    b"VRFY ann\r\n",
    b"HELP\r\n",
    b"EXPN\r\n",
    b"EHLO again\r\n",
    b"HELO again\r\n",
    b"STARTTLS\r\n",
    b"AUTH GSSAPI\r\n",
    b"BDAT 4\r\n\n.\r\n",
    b"RCPT TO:<nobody\r\n",
    b"DATA now\r\n",
    b"\r\n",
    b"x" * 600 + b"\r\n",
    b"x" * 20_000 + b"\r\n",
)
BROKEN = [
    ("DATA", faults.reply_lost()),
    ("DATA", faults.connection_lost()),
    ("DATA", faults.status(451)),
    ("DATA", faults.status(421)),
    ("DATA", faults.slow(delay_ms=5)),
    ("RCPT", faults.status(550)),
    ("MAIL", faults.status(421)),
    ("CONNECT", faults.status(421)),
    ("CONNECT", faults.hang()),
    ("DATA", faults.hang()),
]
counted = 0


class Rough(RuleBasedStateMachine):
    """Several clients at once. ``sure`` were acknowledged, ``unsure`` broke off after the final dot."""

    mail: Mailed

    def __init__(self) -> None:
        super().__init__()
        self.talks: list[Talk] = []
        self.sure: set[str] = set()
        self.unsure: set[str] = set()
        self.mails = 0
        self.patience_s = WAIT_S
        self.mail.call(self.start_over)

    def start_over(self) -> None:
        self.mail.board.disarm()
        self.mail.board.begin()
        self.mail.board.enter(Phase.CALL, "step")
        self.mail.box.reset()

    @precondition(lambda self: len(self.talks) < CONNECTIONS)
    @rule()
    def connect(self) -> None:
        with contextlib.suppress(OSError):
            talk = Talk(self.mail.port, self.patience_s)
            if talk.reply()[:3] == b"220" and talk.ask(b"EHLO test\r\n")[:3] == b"250":
                self.talks.append(talk)

    @precondition(lambda self: self.talks)
    @rule(seed=SEEDS, count=st.sampled_from([1, 100, 400]))
    def pipeline(self, seed: int, count: int) -> None:
        """Each line, sense or none, gets one reply, in order."""
        chance = random.Random(seed)
        talk = chance.choice(self.talks)
        sent = chance.choices(LINES, k=count)
        talk.socket.settimeout(WAIT_S)
        self.count(count)
        talk.send(b"".join(sent))
        codes = [talk.reply()[:3] for _ in sent]
        assert all(code.isdigit() for code in codes), (sent, codes)
        assert talk.ask(b"VRFY last\r\n")[:3] in (b"252", b"503")

    @precondition(lambda self: self.talks)
    @rule(seed=SEEDS)
    def deliver(self, seed: int) -> None:
        """One mail; however it ends, it is accounted for."""
        chance = random.Random(seed)
        talk = chance.choice(self.talks)
        self.mails += 1
        subject = f"mail {self.mails}"
        talk.socket.settimeout(self.patience_s)
        try:
            self.send(talk, subject, chance)
        except OSError:
            self.drop(talk)

    def send(self, talk: Talk, subject: str, chance: random.Random) -> None:
        self.count(5)
        talk.send(b"RSET\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
        codes = [talk.reply()[:3] for _ in range(4)]
        if codes[-1] != b"354":
            if {b"", b"421"} & set(codes):
                self.drop(talk)
            return
        body = b"x\r\n" * chance.randrange(3) + b"..\r\n" + b"y" * chance.choice((0, 900)) + b"\r\n"
        message = f"Subject: {subject}\r\n\r\n".encode() + body * chance.choice((1, 1, 300))
        if chance.random() < 0.1:
            talk.send(message)
            self.reset(talk)
            return
        self.unsure.add(subject)
        code = talk.ask(message + b".\r\n")[:3]
        if code:
            self.unsure.discard(subject)
        if code in (b"", b"421"):
            self.drop(talk)
        if code == b"250":
            self.sure.add(subject)

    @precondition(lambda self: self.talks)
    @rule(seed=SEEDS, how=st.sampled_from(["close", "reset", "half", "quit", "partial"]))
    def leave(self, seed: int, how: str) -> None:
        talk = random.Random(seed).choice(self.talks)
        with contextlib.suppress(OSError):
            if how == "quit":
                talk.ask(b"QUIT\r\n")
            elif how == "half":
                talk.send(b"NOOP\r\n")
                talk.socket.shutdown(socket.SHUT_WR)
                while talk.reply():
                    pass
            elif how == "partial":
                talk.send(b"MAIL FROM:<a@example.org>\r\nRCPT TO")
        self.reset(talk) if how == "reset" else self.drop(talk)

    @rule(which=st.sampled_from(BROKEN), tries=st.integers(1, 2))
    def break_something(self, which: tuple[str, object], tries: int) -> None:
        """What is held is waited for as long as its client chooses; these do not choose long."""
        operation, fault = which
        self.patience_s = 0.05
        self.mail.arm(operation, fault, tries=tries)  # type: ignore[arg-type]

    @rule()
    def heal(self) -> None:
        self.mail.call(self.mail.board.disarm)
        self.mail.run(self.mail.seam.heal())
        self.patience_s = WAIT_S

    @invariant()
    def memory_is_bounded(self) -> None:
        sessions = self.mail.call(lambda: list(self.mail.seam._around.sessions.values()))
        assert all(session._in.waiting_bytes < BUFFER_BYTES for session in sessions)

    def teardown(self) -> None:
        """Everybody leaves: nothing is under way, and each mail is where its sender was told it is."""
        for talk in tuple(self.talks):
            self.drop(talk)
        self.mail.run(self.mail.seam.heal())
        self.mail.until(self.mail.at_rest)
        delivered = self.mail.sent
        assert len(delivered) == len(set(delivered))
        assert self.sure <= set(delivered) <= self.sure | self.unsure

    def drop(self, talk: Talk) -> None:
        talk.close()
        self.talks = [one for one in self.talks if one is not talk]

    def reset(self, talk: Talk) -> None:
        talk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.drop(talk)

    def count(self, messages: int) -> None:
        global counted
        counted += messages


def test_rough_clients_and_faults_lose_no_mail_and_leave_nothing() -> None:
    quiet = settings(
        max_examples=80,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with mailed() as mail:
        run_state_machine_as_test(type("OfThisSeam", (Rough,), {"mail": mail}), settings=quiet)
        assert not mail.seam.notes
    assert counted >= 10_000
