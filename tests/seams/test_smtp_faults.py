"""What each fault at a mail server leaves: mails delivered or not, outcomes, and nothing after healing."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ripstop import faults
from ripstop.model.fault import FaultSpec, Forward, Signal

from .http_harness import Made
from .smtp_harness import ANN, BEN, CY, HOST, MESSAGE, SENDER, Mailed, Talk, mailed


@pytest.fixture
def mail() -> Iterator[Mailed]:
    with mailed() as one:
        yield one


def send(mail: Mailed, *recipients: str, timeout_s: float = 5.0) -> Any:
    """What smtplib makes of it: the refused recipients, or the error."""
    try:
        with smtplib.SMTP(HOST, mail.port, timeout=timeout_s) as client:
            return client.sendmail(SENDER, recipients or (ANN,), MESSAGE)
    except (smtplib.SMTPException, OSError) as error:
        return error


ENDS: list[tuple[str, FaultSpec, type[Exception], str, int]] = [
    ("DATA", faults.reply_lost(), smtplib.SMTPServerDisconnected, "cut", 1),
    ("DATA", faults.connection_lost(), smtplib.SMTPServerDisconnected, "cut", 0),
    ("DATA", faults.status(451), smtplib.SMTPDataError, "status:451", 0),
    ("DATA", faults.status(421), smtplib.SMTPDataError, "status:421", 0),
    ("DATA", faults.hang(), smtplib.SMTPServerDisconnected, "held", 0),
    ("MAIL", faults.status(421), smtplib.SMTPSenderRefused, "status:421", 0),
    ("RCPT", faults.status(550), smtplib.SMTPRecipientsRefused, "status:550", 0),
    ("CONNECT", faults.status(421), smtplib.SMTPConnectError, "status:421", 0),
    ("CONNECT", faults.hang(), smtplib.SMTPServerDisconnected, "held", 0),
]


@pytest.mark.parametrize(("operation", "fault", "error", "outcome", "delivered"), ENDS)
def test_a_fault_does_what_its_page_says_and_nothing_more(
    mail: Mailed, operation: str, fault: FaultSpec, error: type[Exception], outcome: str, delivered: int
) -> None:
    mail.arm(operation, fault)
    seen = send(mail, timeout_s=0.2 if fault == faults.hang() else 5.0)
    mail.until(lambda: not mail.board.under_way)

    assert type(seen) is error
    assert (mail.outcome(operation), len(mail.sent), mail.fired) == (outcome, delivered, True)


def test_only_the_refused_recipient_is_refused(mail: Mailed) -> None:
    mail.arm("RCPT", faults.status(550), nth=2)

    assert list(send(mail, ANN, BEN, CY)) == [BEN]
    assert mail.box.sent[0].recipients == (ANN, CY)


def test_a_temporary_refusal_can_be_tried_again_on_the_same_connection(mail: Mailed) -> None:
    mail.arm("DATA", faults.status(451))
    with smtplib.SMTP(HOST, mail.port, timeout=5) as client:
        with pytest.raises(smtplib.SMTPDataError):
            client.sendmail(SENDER, [ANN], MESSAGE)
        client.sendmail(SENDER, [BEN], MESSAGE)

    assert [one.recipients for one in mail.box.sent] == [(BEN,)]


def test_slow_is_late_and_whole(mail: Mailed) -> None:
    mail.arm("DATA", faults.slow(delay_ms=80))
    started = time.monotonic()

    assert send(mail) == {}
    assert time.monotonic() - started >= 0.08
    assert (mail.outcome("DATA"), len(mail.sent), mail.fired) == ("status:250", 1, True)


def test_healing_delivers_nothing_that_was_held_and_resets_its_client(mail: Mailed) -> None:
    mail.arm("DATA", faults.hang())
    talk = Talk(mail.port).begin()
    talk.ask(b"RCPT TO:<a@example.org>\r\n")
    talk.ask(b"DATA\r\n")
    talk.send(b"Subject: held\r\n\r\n.\r\n")
    mail.until(lambda: mail.board.fired)
    assert mail.seam.busy() == ("step > mail: DATA (held)",)
    mail.run(mail.seam.heal())

    with pytest.raises(ConnectionResetError):
        talk.reply()
    assert (mail.seam.busy(), mail.sent, mail.outcome("DATA")) == ((), [], "held")
    assert send(mail) == {}


def test_healing_aborts_a_message_that_is_delayed(mail: Mailed) -> None:
    mail.arm("DATA", faults.slow(delay_ms=60_000))
    talk = Talk(mail.port).begin()
    talk.ask(b"RCPT TO:<a@example.org>\r\n")
    talk.ask(b"DATA\r\n")
    talk.send(b"Subject: late\r\n\r\n.\r\n")
    mail.until(lambda: mail.board.fired)
    mail.run(mail.seam.heal())

    assert (mail.sent, mail.seam.busy()) == ([], ())


@pytest.mark.parametrize(
    ("fault", "error"),
    [(faults.connection_refused(), ConnectionRefusedError), (faults.unreachable(), TimeoutError)],
)
def test_a_port_that_is_gone_comes_back_when_healed(
    mail: Mailed, fault: FaultSpec, error: type[Exception]
) -> None:
    mail.arm("CONNECT", fault, tries=0)
    assert type(send(mail, timeout_s=0.2)) is error
    mail.run(mail.seam.heal())

    assert (send(mail), len(mail.sent)) == ({}, 1)


def test_a_stale_connection_is_told_421_and_closed(mail: Mailed) -> None:
    talk = Talk(mail.port)
    talk.reply()
    assert mail.seam.idle_sessions() == 1
    mail.arm("CONNECT", faults.stale_connection())

    assert talk.reply().startswith(b"421 ")
    assert talk.reply() == b""
    assert (mail.seam.idle_sessions(), send(mail)) == (0, {})


def test_a_client_refused_at_the_greeting_may_only_say_goodbye(mail: Mailed) -> None:
    mail.arm("CONNECT", faults.status(554))
    talk = Talk(mail.port)

    assert talk.reply()[:3] == b"554"
    assert talk.ask(b"EHLO test\r\n")[:3] == b"503"
    assert talk.ask(b"QUIT\r\n")[:3] == b"221"
    assert talk.reply() == b""


def test_a_message_too_large_to_be_broken_passes_with_a_note() -> None:
    with mailed(limit_bytes=10_000) as mail:
        mail.arm("DATA", faults.connection_lost())
        with smtplib.SMTP(HOST, mail.port, timeout=5) as client:
            client.sendmail(SENDER, [ANN], MESSAGE + "more of it\r\n" * 100_000)

        assert (len(mail.sent), mail.fired, mail.outcome("DATA")) == (1, False, "status:250")
        assert "too large to be broken" in mail.seam.notes[0]


def test_a_fault_at_a_message_nobody_may_send_leaves_the_refusal_to_the_server(mail: Mailed) -> None:
    mail.arm("DATA", faults.connection_lost())
    talk = Talk(mail.port).begin()

    assert talk.ask(b"DATA\r\n")[:3] == b"503"
    assert (mail.fired, mail.outcome("DATA")) == (False, "status:503")


def test_a_signal_strikes_the_process_that_holds_the_connection(mail: Mailed) -> None:
    struck: list[tuple[int, int]] = []
    mail.board.strike = lambda number, port: struck.append((number, port))
    mail.arm_made("RCPT", Made(at_reply=(Signal(9), Forward())))
    talk = Talk(mail.port).begin()

    assert talk.ask(b"RCPT TO:<a@example.org>\r\n")[:3] == b"250"
    assert struck == [(9, talk.socket.getsockname()[1])]


def test_a_fault_that_cannot_happen_here_ends_its_connection_and_is_noted(mail: Mailed) -> None:
    mail.arm_made("MAIL", Made(at_request=("nonsense",)))  # type: ignore[arg-type]
    with pytest.raises(ConnectionResetError):
        Talk(mail.port).begin()

    assert "nothing an smtp seam can do" in mail.seam.notes[0]
    mail.seam._around.notes.clear()
