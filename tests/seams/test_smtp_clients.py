"""Real clients of mail servers through the seam: TLS in both ways, credentials, what each library sends."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage

import aiosmtplib
import pytest
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from ripstop import faults

from .smtp_harness import ANN, BEN, HOST, MESSAGE, SENDER, Mailed, Talk, certified, mailed

TRUSTED = tuple[Mailed, ssl.SSLContext]


@pytest.fixture(params=[False, True], ids=["starttls", "implicit"])
def encrypted(request: pytest.FixtureRequest) -> Iterator[tuple[Mailed, ssl.SSLContext, bool]]:
    """A seam with TLS, a client's context that trusts it, and whether TLS is spoken from the first byte."""
    server, client = certified()
    with mailed(tls=server, implicit=request.param) as mail:
        yield mail, client, request.param


@pytest.fixture
def starttls() -> Iterator[TRUSTED]:
    server, client = certified()
    with mailed(tls=server) as mail:
        yield mail, client


def written() -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Grüße aus Köln", SENDER, ANN
    message.set_content("Confirm at https://shop.example/confirm?t=1&u=2.\n")
    message.add_alternative(
        '<p><a href="https://shop.example/confirm?t=1&amp;u=2">here</a></p>', subtype="html"
    )
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="rechnung.pdf")
    return message


def is_what_was_written(mail: Mailed) -> bool:
    (one,) = mail.box.sent
    assert one.links == ("https://shop.example/confirm?t=1&u=2",)
    assert one.attachments == ("rechnung.pdf",)
    return (one.subject, one.recipients) == ("Grüße aus Köln", (ANN,))


def test_smtplib_with_tls_and_a_login(encrypted: tuple[Mailed, ssl.SSLContext, bool]) -> None:
    mail, context, implicit = encrypted
    client = (
        smtplib.SMTP_SSL("localhost", mail.port, timeout=5, context=context)
        if implicit
        else smtplib.SMTP("localhost", mail.port, timeout=5)
    )
    with client:
        if not implicit:
            client.starttls(context=context)
        client.login("shop", "hunter2")
        client.send_message(written())

    assert is_what_was_written(mail)


def test_aiosmtplib_with_tls_and_a_login(encrypted: tuple[Mailed, ssl.SSLContext, bool]) -> None:
    mail, context, implicit = encrypted
    asyncio.run(
        aiosmtplib.send(
            written(),
            hostname="localhost",
            port=mail.port,
            username="shop",
            password="hunter2",
            use_tls=implicit,
            tls_context=context,
            timeout=5,
        )
    )

    assert is_what_was_written(mail)


def test_djangos_backend_with_tls_and_a_login(encrypted: tuple[Mailed, ssl.SSLContext, bool]) -> None:
    mail, context, implicit = encrypted
    if not settings.configured:
        settings.configure()
    backend = EmailBackend(
        "localhost", mail.port, "shop", "hunter2", use_tls=not implicit, use_ssl=implicit, timeout=5
    )
    backend.ssl_context = context
    one = EmailMultiAlternatives("Hello", "Plain https://a.example/", SENDER, [ANN], bcc=[BEN])
    one.attach_alternative("<a href='https://b.example/'>b</a>", "text/html")

    assert backend.send_messages([one, one]) == 2
    assert [m.recipients for m in mail.box.sent] == [(ANN, BEN)] * 2
    assert mail.box.sent[0].links == ("https://a.example/", "https://b.example/")


def test_a_library_that_upgrades_and_logs_in_and_sends_twice_on_one_connection(starttls: TRUSTED) -> None:
    mail, context = starttls
    with smtplib.SMTP("localhost", mail.port, timeout=5) as client:
        client.ehlo_or_helo_if_needed()
        client.starttls(context=context)
        client.ehlo()
        client.login("shop", "hunter2")
        for recipient in (ANN, BEN):
            client.sendmail(SENDER, [recipient], written().as_bytes())

    assert [m.recipients for m in mail.box.sent] == [(ANN,), (BEN,)]


def test_tls_is_offered_once_and_never_within_tls(starttls: TRUSTED) -> None:
    mail, context = starttls
    with smtplib.SMTP("localhost", mail.port, timeout=5) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        client.starttls(context=context)
        client.ehlo()
        assert not client.has_extn("starttls")
        assert client.docmd("STARTTLS")[0] == 503


def test_what_was_said_before_tls_is_forgotten(starttls: TRUSTED) -> None:
    mail, context = starttls
    with smtplib.SMTP("localhost", mail.port, timeout=5) as client:
        client.ehlo()
        client.starttls(context=context)
        assert client.mail(SENDER)[0] == 503


def test_lines_smuggled_in_front_of_tls_are_not_heard(starttls: TRUSTED) -> None:
    mail, context = starttls
    talk = Talk(mail.port)
    talk.reply()
    talk.ask(b"EHLO test\r\n")
    assert talk.ask(b"STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n")[:3] == b"220"
    with context.wrap_socket(talk.socket, server_hostname="localhost") as inner:
        inner.sendall(b"NOOP\r\n")
        assert inner.recv(100)[:3] == b"250"

    assert "MAIL" not in dict(mail.trace)


def test_a_client_that_does_not_trust_the_certificate_is_noted(starttls: TRUSTED) -> None:
    mail, _ = starttls
    with smtplib.SMTP("localhost", mail.port, timeout=5) as client, pytest.raises(ssl.SSLError):
        client.starttls(context=ssl.create_default_context())
    mail.until(lambda: mail.seam.notes)

    assert "does it trust the certificate?" in mail.seam.notes[0]


def test_a_fault_within_tls_is_the_same_fault(encrypted: tuple[Mailed, ssl.SSLContext, bool]) -> None:
    mail, context, implicit = encrypted
    mail.arm("DATA", faults.reply_lost())
    sending = aiosmtplib.send(
        written(), hostname="localhost", port=mail.port, use_tls=implicit, tls_context=context, timeout=5
    )
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        asyncio.run(sending)

    assert (len(mail.sent), mail.outcome("DATA")) == (1, "cut")


def test_tls_on_a_port_that_waits_for_plain_words_fails_on_both_sides(starttls: TRUSTED) -> None:
    mail, context = starttls
    with pytest.raises(ssl.SSLError):
        smtplib.SMTP_SSL(HOST, mail.port, timeout=5, context=context)
    mail.until(mail.at_rest)
    with smtplib.SMTP(HOST, mail.port, timeout=5) as client:
        assert client.sendmail(SENDER, [ANN], MESSAGE) == {}
