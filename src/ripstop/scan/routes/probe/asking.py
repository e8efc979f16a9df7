"""Which variables of the environment a failed import asked for, read from the exception and its text."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from ripstop.scan.routes.probe.surroundings import DATABASE, WORD, placeholder

_NAME = r"['\"`]?([A-Z][A-Z0-9_]{2,})['\"`]?"
_SAID = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?i:set the) {_NAME} (?i:environment|env)",
        rf"(?i:environment variable|env var|environment|variable|setting|config)[: ]+{_NAME}",
        rf"{_NAME} (?i:not found|is not set|not set|is required|must be set|is missing|missing|was not set)",
        rf"(?i:missing|required)[: ]+{_NAME}",
        rf"^{_NAME}$",
    )
)
_PLACED = re.compile(re.escape(WORD) + r"([A-Za-z0-9_]+)")
_CHOICE = re.compile(r"'([^']*)'")
_BY_COMPLAINT = (
    ("sqlalchemy url", DATABASE),
    ("postgres", DATABASE),
    ("int", "1"),
    ("float", "1"),
    ("decimal", "1"),
    ("bool", "false"),
    ("url", "http://127.0.0.1:9"),
    ("date", "2024-01-01"),
    ("uuid", "00000000-0000-4000-8000-000000000000"),
    ("list", "[]"),
    ("dict", "{}"),
    ("json", "{}"),
)


def wanted(error: BaseException) -> dict[str, str]:
    """The variables to set before another try, each with its placeholder; empty where none is named."""
    chain: list[BaseException] = []
    while error is not None and error not in chain and len(chain) < 10:
        chain.append(error)
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    for one in chain:
        found = _by_fields(one) or _by_key(one) or _by_value(one) or _by_words(one)
        if found:
            return found
    return _unfit(chain)


def _unfit(chain: list[BaseException]) -> dict[str, str]:
    """Placeholders that say nothing, where a complaint says what it had wanted but not of which variable."""
    words = " ".join(f"{type(one).__name__} {one}"[:2000] for one in chain).lower()
    better = next((value for word, value in _BY_COMPLAINT if word in words), "")
    vague = [name for name, value in os.environ.items() if value == f"{WORD}{name}"]
    return dict.fromkeys(vague, better) if better else {}


def _by_key(error: BaseException) -> dict[str, str]:
    key = error.args[0] if isinstance(error, KeyError) and error.args else None
    return {key: placeholder(key)} if isinstance(key, str) and re.fullmatch(r"[A-Z][A-Z0-9_]+", key) else {}


def _by_words(error: BaseException) -> dict[str, str]:
    text = str(error)[:2000]
    names = [name for pattern in _SAID for name in pattern.findall(text)]
    return {name: placeholder(name) for name in names}


def _by_value(error: BaseException) -> dict[str, str]:
    """A placeholder that did not fit: it carries its variable's name."""
    found = _PLACED.findall(str(error)[:2000])
    text = str(error).lower() + type(error).__name__.lower()
    return {name: next((v for word, v in _BY_COMPLAINT if word in text), "1") for name in found}


def _by_fields(error: BaseException) -> dict[str, str]:
    """pydantic-settings: a ValidationError whose fields are the variables' names, in lower case or not."""
    ask = getattr(error, "errors", None)
    if type(error).__name__ != "ValidationError" or not callable(ask):
        return {}
    title, found = str(getattr(error, "title", "")), {}
    for one in ask():
        where = next(iter(one.get("loc") or ()), None)
        if isinstance(where, str):
            name = f"{_prefix(title)}{where}".upper()
            found[name] = _fitting(name, one)
    return found


def _fitting(name: str, complaint: dict[str, Any]) -> str:
    kind = str(complaint.get("type", ""))
    if kind == "missing":
        return placeholder(name)
    choices = _CHOICE.findall(str((complaint.get("ctx") or {}).get("expected", "")))
    if choices:
        return str(choices[0])
    if kind == "value_error" and "mail" in str(complaint.get("msg", "")):
        return "someone@example.com"
    return next((value for word, value in _BY_COMPLAINT if word in kind), "1")


def _prefix(title: str) -> str:
    """The ``env_prefix`` of the settings class with that name."""
    module = sys.modules.get("pydantic_settings")
    queue = list(getattr(module, "BaseSettings", object).__subclasses__()) if module else []
    while queue:
        one = queue.pop()
        if one.__name__ == title:
            return str(one.model_config.get("env_prefix") or "")
        queue += one.__subclasses__()
    return ""
