"""Reading a mail as it came off the wire: subject, bodies, attachments, and the links in it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from html import unescape
from itertools import islice

from ripstop.model.http import header
from ripstop.model.mail import Mail

_BODY_LIMIT = 250_000
_HEADERS_LIMIT = 100
_HEADER_LIMIT = 2_000
_RAW_HEADER_LIMIT = 10_000
_PARTS_LIMIT = 200
_LINKS_LIMIT = 1_000
_URL = re.compile(r"https?://[^\s<>\"'`\\^{}|]{1,2000}", re.IGNORECASE)
_TRAILING = ".,;:!?*_~"
_TAG = re.compile(r"(<[^<>]*>)")
_ANCHOR = re.compile(r"<(?:a|area)[\s/]", re.IGNORECASE)
_TARGET = re.compile(r"""(?<![\w-])href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_HIDDEN = re.compile(r"<!--|<(script|style|title)\b", re.IGNORECASE)
_CLOSING = {"": re.compile("-->")} | {
    tag: re.compile(rf"</{tag}[^<>]*>", re.IGNORECASE) for tag in ("script", "style", "title")
}
_BRACKETS = {")": "(", "]": "["}


def read(sender: str, recipients: Sequence[str], content: bytes) -> Mail:
    """A message as it was sent (RFC 5322). Whatever it is, there is a mail of it: this never raises."""
    sender, *recipients = (_printable(address) for address in (sender, *recipients))
    try:
        message = message_from_bytes(content)
        headers = tuple(
            (name, _decoded(str(value))) for name, value in islice(message.raw_items(), _HEADERS_LIMIT)
        )
        text, html, attachments = _bodies(message)
    except Exception:
        # Nesting and declarations without sense make the parser fail in many ways; the bytes remain.
        text = content[:_BODY_LIMIT].decode("utf-8", "replace")
        return Mail(sender, tuple(recipients), text=text, links=links(text, ""))
    subject = header(headers, "subject") or ""
    found = links(text, html)
    return Mail(sender, tuple(recipients), subject, text, html, headers, attachments, found)


def links(text: str, html: str) -> tuple[str, ...]:
    """The links of a text, then those of an HTML body, once each; at most a thousand."""
    return tuple(dict.fromkeys([*links_in(text), *links_in_html(html)]))[:_LINKS_LIMIT]


def links_in(text: str) -> Iterator[str]:
    """The URLs of a plain text, in order.

    >>> list(links_in("see https://a.example/x?y=1, or (http://b.example/w_(z))."))
    ['https://a.example/x?y=1', 'http://b.example/w_(z)']
    """
    for found in _URL.finditer(text):
        yield _trimmed(found[0])


def links_in_html(html: str) -> Iterator[str]:
    """The targets and the readable URLs of an HTML body, in order; in time linear to its length."""
    for piece in _TAG.split(_readable(html)):
        if not piece.startswith("<"):
            yield from links_in(unescape(piece))
        elif _ANCHOR.match(piece) and (found := _TARGET.search(piece)):
            target = unescape(found[1] or found[2] or found[3] or "").strip()
            if _URL.match(target):
                yield target


def _readable(html: str) -> str:
    """The HTML without comments, scripts, styles and title; what is never closed hides the rest."""
    kept, at = list[str](), 0
    while found := _HIDDEN.search(html, at):
        kept.append(html[at : found.start()])
        end = _CLOSING[(found[1] or "").lower()].search(html, found.end())
        if end is None:
            return "".join(kept)
        at = end.end()
    return "".join([*kept, html[at:]])


def _trimmed(url: str) -> str:
    """A URL in a sentence, without what belongs to the sentence."""
    while url and (url[-1] in _TRAILING or _unbalanced(url)):
        url = url[:-1]
    return url


def _unbalanced(url: str) -> bool:
    opening = _BRACKETS.get(url[-1])
    return opening is not None and url.count(url[-1]) > url.count(opening)


def _printable(text: str) -> str:
    """A text that was decoded with bytes left over in it, without them."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _decoded(value: str) -> str:
    """A header's value unfolded, its encoded words decoded (RFC 2047); raw UTF-8 is taken as such."""
    plain = _printable(value[:_RAW_HEADER_LIMIT])
    with contextlib.suppress(ValueError, LookupError, HeaderParseError):
        plain = str(make_header(decode_header(plain)))
    return " ".join(plain.split())[:_HEADER_LIMIT]


def _bodies(message: Message) -> tuple[str, str, tuple[str, ...]]:
    """Text, HTML and the names of attachments, in one walk over the parts (RFC 2045 to 2047)."""
    text, html, attachments = "", "", list[str]()
    for part in islice(message.walk(), _PARTS_LIMIT):
        if part.is_multipart():
            continue
        name = part.get_filename()
        if name is not None or part.get_content_disposition() == "attachment":
            attachments.append(_decoded(name or ""))
        elif part.get_content_type() == "text/html":
            html = html or _content(part)
        elif part.get_content_maintype() == "text":
            text = text or _content(part)
    return text, html, tuple(attachments)


def _content(part: Message) -> str:
    """A part's text in its own charset, or as much as can be made of it in another."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        decoded = data.decode(str(part.get_content_charset("utf-8")), "replace")
    except (LookupError, ValueError):
        decoded = data.decode("utf-8", "replace")
    return decoded.replace("\r\n", "\n")[:_BODY_LIMIT]
