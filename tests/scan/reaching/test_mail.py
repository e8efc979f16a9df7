"""Mail handed to a mail server."""

from __future__ import annotations

from pathlib import Path

import pytest

from .snippets import operations, reached, within


@pytest.mark.parametrize(
    ("before", "body", "server"),
    [
        (
            "import os, smtplib",
            "with smtplib.SMTP(os.environ['SMTP_HOST'], 25) as s:\n    s.send_message(x)",
            "$SMTP_HOST",
        ),
        ("import smtplib", "smtplib.SMTP('mail.example').sendmail('a', 'b', x)", "mail.example"),
        ("from django.core.mail import send_mail", "send_mail('a', 'b', 'c', ['d'])", ""),
        ("from django.core.mail import EmailMessage", "EmailMessage('a').send()", ""),
        ("from fastapi_mail import FastMail\nfm = FastMail(None)", "await fm.send_message(x)", ""),
        ("import emails", "emails.Message(subject='a').send(to=x, smtp={'host': 'm'})", "m"),
        (
            "import nodemailer from 'nodemailer'\nconst m = nodemailer.createTransport({ host: 'm' })",
            "await m.sendMail({ to: x })",
            "m",
        ),
    ],
)
def test_a_mail_is_one_effect_at_its_server(tmp_path: Path, before: str, body: str, server: str) -> None:
    (reach,) = reached(tmp_path, within(before, body))

    assert (reach.protocol, reach.operation, reach.effect) == ("smtp", "DATA", True)
    assert reach.target == server


@pytest.mark.parametrize(("limit", "told"), [("", False), (", timeout=3", True)])
def test_a_connection_without_a_limit_is_told(tmp_path: Path, limit: str, told: bool) -> None:
    body = f"with smtplib.SMTP('m', 25{limit}) as s:\n    s.send_message(x)"
    (reach,) = reached(tmp_path, within("import smtplib", body))

    assert reach.timeout is told


def test_a_mail_that_is_only_written_is_not_sent(tmp_path: Path) -> None:
    before = "from email.message import EmailMessage"

    assert operations(tmp_path, before, "m = EmailMessage()\nm.set_content('a')\nx.send(m)") == []
