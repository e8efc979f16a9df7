"""A mail as it was received, read and bounded. How it is read is the mailbox's business."""

from __future__ import annotations

from dataclasses import dataclass

from ripstop.model.http import Headers, header


@dataclass(frozen=True, slots=True)
class Mail:
    """One received mail. ``sender`` and ``recipients`` are the envelope's, in the order given.

    ``text`` and ``html`` are the bodies decoded, empty where there is none, cut at 250,000
    characters; ``headers`` are decoded and unfolded; ``attachments`` are file names. ``links`` are
    what a reader can follow: each http and https URL of the text, then of the HTML, once each. In
    the HTML these are the targets of ``a`` and ``area`` and the URLs to be read in it, not the
    addresses of images, fonts and namespaces. Punctuation that ends a sentence is no part of one.
    """

    sender: str
    recipients: tuple[str, ...]
    subject: str = ""
    text: str = ""
    html: str = ""
    headers: Headers = ()
    attachments: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    def header(self, name: str) -> str | None:
        """The first value of a header, matched without regard to case (RFC 5322, 1.2.2)."""
        return header(self.headers, name)
