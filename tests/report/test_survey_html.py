"""A survey as one page: whole, closed off, and safe whatever a project is called."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from ripstop.model.survey import Survey
from ripstop.report.survey_html import page
from ripstop.report.survey_markup import tag

from .surveys import HOSTILE, SURVEY


class Read(HTMLParser):
    """What a browser would see: the elements in order, the attributes, the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(name)
        self.attributes += attributes
        if name not in ("meta", "br"):
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def handle_data(self, text: str) -> None:
        self.text.append(text)


def hostile(value: Any) -> Any:
    """The same survey with every text in it replaced."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: hostile(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return replace(value, **fields)
    if isinstance(value, tuple):
        return tuple(hostile(one) for one in value)
    return HOSTILE if type(value) is str else value


def test_the_page_tells_headline_places_reasons_and_what_is_untested() -> None:
    text = "".join(Read(page(SURVEY, title="orders")).text)

    for part in (
        "POST /orders could cost most",
        "orders/app.py:43",
        "stall",
        "reaches no seam",
        "no time-out",
    ):
        assert part in text


def test_every_element_is_closed_and_nothing_is_loaded() -> None:
    read = Read(page(SURVEY))

    assert read.open == []
    assert [name for name, _ in read.attributes if name in ("src", "srcset")] == []
    assert all(value and value.startswith("#w") for name, value in read.attributes if name == "href")
    assert "url(" not in page(SURVEY)


def test_no_text_of_a_project_becomes_markup() -> None:
    plain, bad = Read(page(SURVEY)), Read(page(hostile(SURVEY), title=HOSTILE))

    assert "script" not in bad.tags
    assert set(bad.tags) <= set(plain.tags)
    assert {name for name, _ in bad.attributes} <= {name for name, _ in plain.attributes}
    assert not re.search("[\x1b\u202e]", "".join(bad.text))


def test_scripts_are_forbidden_by_the_page_itself() -> None:
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in Read(page(SURVEY)).attributes


def test_it_is_made_for_phones_and_for_the_dark() -> None:
    text = page(SURVEY)

    assert 'name="viewport"' in text
    assert "prefers-color-scheme: dark" in text
    assert "max-width: 40rem" in text


def test_a_survey_that_found_nothing_is_a_page_too() -> None:
    assert "no route of a web service found" in page(Survey(files=2))


@pytest.mark.parametrize("text", ["<b>", '"', "'", "&"])
def test_an_element_escapes_its_text_and_its_attributes(text: str) -> None:
    read = Read(tag("p", text, cls=text))

    assert ("".join(read.text), read.attributes) == (text, [("class", text)])
