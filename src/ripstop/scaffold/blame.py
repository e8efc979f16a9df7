"""Which part of a request a refusal is about, in the words of the frameworks that refuse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_KINDS: tuple[tuple[str, str], ...] = (
    (r"uuid", "uuid"),
    (r"e-?mail", "email"),
    (r"date-?time|timestamp|iso ?8601", "date-time"),
    (r"\bdate\b", "date"),
    (r"integer|\bint\b|whole number|int_parsing|int_type", "integer"),
    (r"number|numeric|decimal|float", "number"),
    (r"boolean|\bbool\b", "boolean"),
    (r"\blist\b|array|list_type", "array"),
    (r"object|dict|mapping", "object"),
    (r"string|\bstr\b|text", "string"),
)
_NAMED = (
    re.compile(r"required property ['\"](\w+)['\"]"),
    re.compile(r"(?:body|/)/?(\w+) must (?:be|match)"),
    re.compile(r"['\"`](\w+)['\"`]"),
    re.compile(r"(?:missing|required|invalid|expected)(?: \w+){0,2}:? ([A-Za-z]\w+)", re.IGNORECASE),
    re.compile(r"\b([A-Za-z]\w+) (?:is |are |must |should |cannot |can't |field )", re.IGNORECASE),
)
_WORDS = frozenset(
    [
        "the",
        "this",
        "that",
        "is",
        "are",
        "be",
        "field",
        "fields",
        "value",
        "values",
        "body",
        "request",
        "invalid",
        "missing",
        "required",
        "error",
        "errors",
        "data",
        "json",
        "input",
        "must",
        "should",
        "and",
        "or",
        "not",
        "a",
        "an",
        "of",
        "for",
        "in",
        "with",
        "bad",
        "message",
        "detail",
        "code",
        "type",
        "it",
        "one",
        "both",
        "all",
    ]
)


@dataclass(frozen=True, slots=True)
class Blame:
    """``place`` is ``body``, ``query``, ``header`` or ``path``; ``kind`` the JSON type that was asked for,
    empty where the words do not tell; ``said`` the words."""

    place: str
    path: tuple[str | int, ...]
    kind: str = ""
    said: str = ""
    missing: bool = False


def blamed(body: Any, text: str, known: Iterable[str] = ()) -> list[Blame]:
    """What a refusal blames, most certain first. ``known`` are the fields that were sent."""
    told = [*_located(body), *_by_field(body)]
    return told or list(_by_words(text, list(known)))


def kind_of(said: str) -> str:
    return next((kind for pattern, kind in _KINDS if re.search(pattern, said, re.IGNORECASE)), "")


def _located(body: Any) -> Iterator[Blame]:
    """Lists of errors with a place each: pydantic's ``loc``, zod's and express-validator's ``path``."""
    for one in _errors(body):
        place = (
            one.get("loc")
            or one.get("path")
            or one.get("param")
            or one.get("field")
            or one.get("instancePath")
        )
        said = " ".join(str(one.get(key, "")) for key in ("type", "msg", "message", "expected", "code"))
        if isinstance(place, str):
            place = [part for part in re.split(r"[./]", place) if part]
        if not isinstance(place, list) or not place:
            continue
        first = str(place[0])
        where = first if first in ("body", "query", "header", "path") else "body"
        rest = tuple(place[1:] if first == where else place)
        missing = bool(re.search(r"missing|required", said, re.IGNORECASE)) or "undefined" in said
        if rest:
            yield Blame(where, rest, kind_of(said), said, missing)


def _errors(body: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(body, list):
        yield from (one for one in body if isinstance(one, dict))
    elif isinstance(body, dict):
        for key in (
            "detail",
            "errors",
            "issues",
            "error",
            "validation_error",
            "body_params",
            "details",
            "message",
        ):
            yield from _errors(body.get(key)) if isinstance(body.get(key), dict | list) else ()


def _by_field(body: Any) -> Iterator[Blame]:
    """A mapping from field to complaints, as Django REST framework, marshmallow and Flask's kin give it."""
    if not isinstance(body, dict):
        return
    for name, said in body.items():
        if name in ("errors", "error", "detail", "messages", "json", "details") and isinstance(said, dict):
            yield from _by_field(said)
        elif (
            isinstance(said, list)
            and said
            and all(isinstance(one, str) for one in said)
            and name != "non_field_errors"
        ):
            words = " ".join(said)
            yield Blame("body", (name,), kind_of(words), words, "required" in words.lower())


def _by_words(text: str, known: list[str]) -> Iterator[Blame]:
    """Names in a sentence: those that were sent first, then any that looks like one."""
    words = re.findall(r"[A-Za-z_][\w-]*", text)
    squeezed = {re.sub(r"[_-]", "", name).lower(): name for name in known}
    sent = [squeezed[key] for word in words if (key := re.sub(r"[_-]", "", word).lower()) in squeezed]
    for name in dict.fromkeys(sent):
        yield Blame("body", (name,), kind_of(text.replace(name, "")), text)
    for pattern in _NAMED:
        for word in pattern.findall(text):
            if word.lower() not in _WORDS and word not in known and word.lower() not in squeezed:
                yield Blame("body", (word,), kind_of(text.replace(word, "")), text, missing=True)
