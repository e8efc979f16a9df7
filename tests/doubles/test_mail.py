"""What is read of a mail: subject, bodies, attachments, and the links a person would follow."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from ripstop.doubles.mail import links, links_in, links_in_html, read
from ripstop.model.mail import Mail


def received(message: EmailMessage) -> Mail:
    return read("shop@example.org", ["ann@example.org"], message.as_bytes())


def test_bodies_subject_and_attachments_are_decoded() -> None:
    message = EmailMessage()
    message["Subject"] = "Grüße " * 20
    message.set_content("Schön.\n", charset="iso-8859-15")
    message.add_alternative("<p>Schön</p>", subtype="html", cte="base64")
    message.add_attachment(b"1", maintype="application", subtype="pdf", filename="Größe.pdf")
    message.add_attachment("text too", filename="note.txt")
    mail = received(message)

    assert (mail.subject, mail.text, mail.html) == (("Grüße " * 20).strip(), "Schön.\n", "<p>Schön</p>\n")
    assert mail.attachments == ("Größe.pdf", "note.txt")
    assert mail.header("mime-VERSION") == "1.0"


def test_a_mail_within_a_mail_is_read_through() -> None:
    inner, outer = EmailMessage(), EmailMessage()
    inner.set_content("the inner text")
    outer["Subject"] = "Fwd"
    outer.add_attachment(inner)

    assert (received(outer).subject, received(outer).text) == ("Fwd", "the inner text\n")


def test_the_first_body_of_a_kind_is_the_body() -> None:
    parts = "".join(
        f"--b\r\nContent-Type: text/{kind}\r\n\r\n{n}\r\n" for n, kind in enumerate(["plain", "html"] * 2)
    )
    mail = read("a", ["b"], f"Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n".encode())

    assert (mail.text.strip(), mail.html.strip()) == ("0", "1")


def test_raw_utf8_headers_are_read_as_such() -> None:
    mail = read("a", ["b"], "Subject: Grüße\r\nX-Odd: =?nonsense?q?x?=\r\n\r\nhi".encode())

    assert (mail.subject, mail.header("x-odd"), mail.text) == ("Grüße", "=?nonsense?q?x?=", "hi")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe",
        b"no header at all",
        b"Content-Type: text/plain; charset=klingon\r\n\r\nhi",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: \xff/;;;=\r\n\r\n--a",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"Content-Type: message/rfc822\r\n\r\n" * 3_000,
        b"Subject: =?utf-8?b?////?=\r\n\r\nx",
    ],
)
def test_whatever_comes_there_is_a_mail_of_it(content: bytes) -> None:
    mail = read("a@b", ["c@d"], content)

    assert (mail.sender, mail.recipients) == ("a@b", ("c@d",))
    assert isinstance(mail.links, tuple)


def test_bodies_and_headers_are_bounded() -> None:
    headers = b"".join(b"X-%d: %s\r\n" % (n, b"v" * 5_000) for n in range(300))
    mail = read("a", ["b"], headers + b"\r\n" + b"x" * 3_000_000)

    assert (len(mail.text), len(mail.headers)) == (250_000, 100)
    assert max(len(value) for _, value in mail.headers) == 2_000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("go to https://a.example/x?y=1&z=2, now", ["https://a.example/x?y=1&z=2"]),
        ("(see http://a.example/w_(z)).", ["http://a.example/w_(z)"]),
        ("<https://a.example/t/>", ["https://a.example/t/"]),
        ("[here](https://a.example/t)!", ["https://a.example/t"]),
        (
            "HTTPS://A.example and https://a.example:8443/?t=eyJ.a-b_c.",
            ["HTTPS://A.example", "https://a.example:8443/?t=eyJ.a-b_c"],
        ),
        ("ftp://a.example mailto:a@b", []),
    ],
)
def test_links_end_where_the_sentence_goes_on(text: str, found: list[str]) -> None:
    assert list(links_in(text)) == found


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<a href="https://a.example/?x=1&amp;y=2">go</a>', ["https://a.example/?x=1&y=2"]),
        ("<a href=https://a.example/t>go</a>", ["https://a.example/t"]),
        (
            "<A HREF=' https://a.example/ '>or https://b.example/.</A>",
            ["https://a.example/", "https://b.example/"],
        ),
        ('<html xmlns="http://www.w3.org/1999/xhtml"><img src="https://i.example/l.png">', []),
        ("<head><title>https://t.example/</title><body>https://a.example/", ["https://a.example/"]),
        ("<script>'https://s.example/'</SCRIPT ><i data-href='https://d.example/'>", []),
        ("https://a.example/<!-- never closed https://c.example/", ["https://a.example/"]),
        (
            "<head><style>@import url(https://f.example/)</style></head><body>https://a.example/</body>",
            ["https://a.example/"],
        ),
        ("<!--[if mso]><a href='https://m.example/'></a><![endif]--><![weird", []),
        ('<a href="mailto:a@b"></a><a name=x></a><a href></a>', []),
    ],
)
def test_links_of_html_are_what_a_reader_can_follow(html: str, found: list[str]) -> None:
    assert list(links_in_html(html)) == found


def test_links_of_text_come_first_and_each_once() -> None:
    found = links("https://one/ https://two/", "<a href='https://three/'>https://one/</a>")

    assert found == ("https://one/", "https://two/", "https://three/")


@pytest.mark.parametrize(
    "piece", ["<a ", "<!--", "<a href='", "</", "<title>", "<![", "http://x/" + ")" * 9_000, "&"]
)
def test_an_html_body_made_to_be_slow_is_read_in_no_time(piece: str) -> None:
    started = time.process_time()
    read("a", ["b"], b"Content-Type: text/html\r\n\r\n" + piece.encode() * (250_000 // len(piece)))

    assert time.process_time() - started < 2


def test_a_header_made_to_be_slow_is_read_in_no_time() -> None:
    started = time.process_time()
    mail = read("a", ["b"], b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\r\n\r\nhi")

    assert time.process_time() - started < 2
    assert (mail.subject[:3], mail.text) == ("aaa", "hi")
