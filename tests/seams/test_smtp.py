"""The smtp seam without faults: what passes, what it answers itself, what it tells the board."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

import pytest

from ripstop.model.trace import Kind, comparable

from .smtp_harness import ANN, BEN, HOST, MESSAGE, SENDER, Mailed, Talk, mailed

CREDENTIALS = ("shop", "hunter2")


@pytest.fixture
def mail() -> Iterator[Mailed]:
    with mailed() as one:
        yield one


def send(mail: Mailed, *recipients: str, message: str = MESSAGE) -> None:
    with smtplib.SMTP(HOST, mail.port, timeout=5) as client:
        client.sendmail(SENDER, recipients or (ANN,), message)


def test_a_mail_passes_whole_and_is_four_crossings(mail: Mailed) -> None:
    send(mail, message=MESSAGE + "..two dots\r\n.\r\nand more\r\n")

    assert mail.trace == [
        ("CONNECT", "status:220"),
        ("MAIL", "status:250"),
        ("RCPT", "status:250"),
        ("DATA", "status:250"),
    ]
    assert mail.box.sent[0].text == "Thank you.\n..two dots\n.\nand more\n"


def test_the_message_is_the_effect_and_connecting_is_kept_out_of_comparisons(mail: Mailed) -> None:
    send(mail, ANN, BEN)

    kinds = {c.id.operation: c.kind for c in mail.board.trace}
    assert kinds == {"CONNECT": Kind.CONNECT, "MAIL": Kind.OTHER, "RCPT": Kind.OTHER, "DATA": Kind.CALL}
    assert [(i.operation, i.nth) for i in comparable(mail.board.trace)] == [
        ("MAIL", 1),
        ("RCPT", 1),
        ("RCPT", 2),
        ("DATA", 1),
    ]


def test_credentials_are_let_in_and_kept_nowhere(mail: Mailed) -> None:
    for mechanism in ("auth_plain", "auth_login"):
        with smtplib.SMTP(HOST, mail.port, timeout=5) as client:
            client.ehlo()
            client.user, client.password = CREDENTIALS
            name = mechanism.removeprefix("auth_").upper()
            assert client.auth(name, getattr(client, mechanism))[0] == 235
            client.sendmail(SENDER, [ANN], MESSAGE)

    said = repr((mail.board.trace, mail.seam.notes, mail.box.sent))
    assert "hunter2" not in said
    assert "AHNob3AAaHVudGVyMg" not in said
    assert len(mail.sent) == 2


def test_what_the_seam_cannot_pass_on_is_not_offered(mail: Mailed) -> None:
    talk = Talk(mail.port)
    talk.reply()
    offered = talk.ask(b"EHLO test\r\n").decode()

    assert "AUTH PLAIN LOGIN\r\n" in offered
    assert "PIPELINING\r\n" in offered
    for word in ("CHUNKING", "BINARYMIME", "STARTTLS"):
        assert word not in offered


def test_a_chunk_is_refused_once_with_its_octets(mail: Mailed) -> None:
    talk = Talk(mail.port).begin()

    assert talk.ask(b"BDAT 14 LAST\r\nNOOP\r\nQUIT\r\n\r\n").startswith(b"502 ")
    assert talk.ask(b"BDAT many\r\n").startswith(b"501 ")
    assert talk.ask(b"NOOP\r\n").startswith(b"250 ")


def test_pipelined_commands_are_answered_in_order(mail: Mailed) -> None:
    talk = Talk(mail.port)
    talk.reply()
    talk.ask(b"EHLO test\r\n")
    talk.send(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nRCPT TO\r\nDATA\r\n")
    codes = [talk.reply()[:3] for _ in range(4)]
    talk.send(b"Subject: piped\r\n\r\n.\r\nNOOP\r\nQUIT\r\n")

    assert codes == [b"250", b"250", b"501", b"354"]
    assert [talk.reply()[:3] for _ in range(3)] == [b"250", b"250", b"221"]
    assert mail.sent == ["piped"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"A" * 20_000 + b"\r\n", b"500"),
        (b"\x00\xff\xfe\r\n", b"500"),
        (b"\r\n", b"500"),
        (b"STARTTLS\r\n", b"502"),
        (b"AUTH GSSAPI\r\n", b"504"),
        (b"AUTH PLAIN !!!\r\n", b"501"),
        (b"MAIL TO:<x>\r\n", b"501"),
        (b"rset\n", b"250"),
    ],
)
def test_what_makes_no_sense_gets_one_answer_and_the_connection_goes_on(
    mail: Mailed, line: bytes, code: bytes
) -> None:
    talk = Talk(mail.port)
    talk.reply()
    talk.ask(b"EHLO test\r\n")

    assert talk.ask(line)[:3] == code
    assert talk.ask(b"NOOP\r\n")[:3] == b"250"


def test_a_mail_needs_a_greeting_first(mail: Mailed) -> None:
    talk = Talk(mail.port)
    talk.reply()

    assert talk.ask(b"MAIL FROM:<a@example.org>\r\n")[:3] == b"503"


def test_an_open_mail_transaction_is_work_going_on(mail: Mailed) -> None:
    talk = Talk(mail.port).begin()

    assert mail.seam.busy() == ("mail: session 1 is in a mail transaction",)
    assert mail.seam.idle_sessions() == 0
    talk.ask(b"RSET\r\n")
    assert (mail.seam.busy(), mail.seam.idle_sessions()) == ((), 1)


def test_a_client_that_leaves_within_a_message_delivers_nothing(mail: Mailed) -> None:
    talk = Talk(mail.port).begin()
    talk.ask(b"RCPT TO:<a@example.org>\r\n")
    talk.ask(b"DATA\r\n")
    talk.send(b"Subject: half\r\n\r\n")
    talk.close()
    mail.until(lambda: not mail.board.under_way)

    assert (mail.outcome("DATA"), mail.sent) == ("cut", [])


def test_a_server_that_does_not_listen_resets_its_client() -> None:
    with mailed() as mail:
        mail.seam._around.upstream = (HOST, 1)
        with pytest.raises(ConnectionResetError):
            Talk(mail.port).reply()
        assert mail.trace == [("CONNECT", "refused")]


def test_a_message_larger_than_any_buffer_passes(mail: Mailed) -> None:
    lines = ("x" * 70 + "\r\n") * 30_000
    send(mail, message=MESSAGE + lines)

    assert len(mail.box.sent[0].text) == 250_000
    assert mail.outcome("DATA") == "status:250"


def flood(talk: Talk, data: bytes) -> None:
    """Send as long as something is taken within the connection's timeout."""
    sent, view = 0, memoryview(data)
    while sent < len(data):
        sent += talk.socket.send(view[sent : sent + 65_536])


def test_a_client_that_asks_and_never_reads_is_not_answered_without_end(mail: Mailed) -> None:
    talk = Talk(mail.port)
    talk.reply()
    talk.socket.settimeout(0.5)
    with pytest.raises(TimeoutError):
        flood(talk, b"BDAT x\r\n" * 5_000_000)

    (session,) = mail.call(lambda: list(mail.seam._around.sessions.values()))
    mail.until(lambda: not session._writable.is_set())
    unsent = mail.call(lambda: session.client._transport.get_write_buffer_size())
    assert max(session._in.waiting_bytes, unsent) < 2_000_000
    talk.close()


def test_addresses_beyond_ascii_arrive_and_what_is_no_text_is_shown_as_such(mail: Mailed) -> None:
    talk = Talk(mail.port)
    talk.reply()
    talk.ask(b"EHLO test\r\n")
    talk.ask("MAIL FROM:<grün@example.org> SMTPUTF8\r\n".encode())
    talk.ask(b"RCPT TO:<\xff\xfe@example.org>\r\n")
    talk.ask(b"DATA\r\n")

    assert talk.ask(b"Subject: x\r\n\r\n.\r\n")[:3] == b"250"
    assert (mail.box.sent[0].sender, mail.box.sent[0].recipients) == (
        "grün@example.org",
        ("\ufffd\ufffd@example.org",),
    )
    assert all(crossing.text.encode() is not None for crossing in mail.board.trace)
