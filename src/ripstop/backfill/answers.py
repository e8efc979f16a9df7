"""Assertions on one answer: its status, its body where that is stable, the word its error goes by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ripstop.backfill.encode import CannotRender, identifier, one_line, statement, string
from ripstop.backfill.leaves import dumped, json_leaves, looks_fresh
from ripstop.backfill.names import cut
from ripstop.model.experiment import StepBaseline
from ripstop.model.http import Answer
from ripstop.model.secrets import mask_json

_BODY_CHARS = 600
_FIELDS = 4
_ERROR_KEYS = ("error", "code", "type", "title", "reason", "detail", "message")
_WORD = re.compile(r"^[A-Za-z][A-Za-z0-9_ .-]{1,40}$")
_WORD_CHARS = 28


def answer_lines(name: str, answer: Answer, usual: StepBaseline | None) -> list[str]:
    """``assert response.status_code == 503`` and what of its body is the same in every run."""
    lines = [f"    assert {name}.status_code == {answer.status}"]
    try:
        return lines + list(_body_lines(name, answer, volatile(answer, usual)))
    except CannotRender:
        return lines


def volatile(answer: Answer, usual: StepBaseline | None) -> frozenset[str]:
    """JSON pointers of what may differ in the next run: as the baseline's two runs told, and by look."""
    content = answer.json()
    known = usual.volatile_body if usual and usual.exchange.answer.status == answer.status else frozenset()
    looks = {at for at, _, value in json_leaves(content) if looks_fresh(value)}
    return frozenset(known | looks)


def shape(answer: Answer, usual: StepBaseline | None) -> str:
    """What answers with the same outcome have in common, as text to compare."""
    loose = volatile(answer, usual)
    kept = [(at, value) for at, _, value in json_leaves(answer.json()) if at not in loose]
    return dumped([answer.status, kept])


def error_word(answer: Answer) -> str:
    """The word a service gives its error, as part of a name; empty where it gives none.

    >>> error_word(Answer(402, body=b'{"error": {"code": "card_declined"}}'))
    'card_declined'
    """
    content = answer.json()
    for _ in range(3):
        if not isinstance(content, dict):
            break
        inner = next((content[key] for key in _ERROR_KEYS if content.get(key)), None)
        if isinstance(inner, str):
            word = identifier(inner, "") if _WORD.match(inner) else ""
            return cut(word, _WORD_CHARS)
        content = inner
    return ""


def _body_lines(name: str, answer: Answer, loose: frozenset[str]) -> Iterator[str]:
    content = answer.json()
    if content is None or len(answer.body) > _BODY_CHARS or mask_json(content) != content:
        return
    if not loose:
        yield statement(f"assert {name}.json() == ", content)
    elif isinstance(content, dict):
        yield from list(_fields(name, content, loose))[:_FIELDS]


def _fields(name: str, content: dict[str, Any], loose: frozenset[str]) -> Iterator[str]:
    """One line for each stable plain field at the top."""
    for key, value in content.items():
        at = "/" + str(key).replace("~", "~0").replace("/", "~1")
        inside = any(pointer == at or pointer.startswith(f"{at}/") for pointer in loose)
        if inside or isinstance(value, dict | list):
            continue
        compare = "is" if value is None or isinstance(value, bool) else "=="
        yield f"    assert {name}.json()[{string(str(key))}] {compare} {one_line(value)}"
