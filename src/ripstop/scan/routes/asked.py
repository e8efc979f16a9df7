"""Which methods a Django function view answers, by its source text. Needs nothing but the language."""

from __future__ import annotations

import re

_COMPARED = re.compile(r"\.method\s*(==|!=|not\s+in|in)\s*[\[({]?\s*((?:['\"][A-Z]+['\"]\s*,?\s*)+)")
_READS_A_BODY = re.compile(r"\brequest\.(POST|FILES|body|data)\b")
_REFUSES = re.compile(r"HttpResponseNotAllowed\(\s*[\[(]([^\])]*)[\])]")
_OF_THEMSELVES = frozenset({"HEAD", "OPTIONS"})


def methods(source: str) -> list[str]:
    """Those it compares with, and GET unless others are refused; POST where it only reads a body."""
    refusing = _REFUSES.search(source)
    allowed = set(re.findall(r"[A-Z]+", refusing.group(1))) if refusing else set()
    if allowed - _OF_THEMSELVES:
        return sorted(allowed - _OF_THEMSELVES)
    compared = _COMPARED.findall(source)
    named = {name for _, names in compared for name in re.findall(r"[A-Z]+", names)} - _OF_THEMSELVES
    if not named:
        return ["POST"] if _READS_A_BODY.search(source) else ["GET"]
    refused = any(sign.startswith(("!", "not")) for sign, _ in compared)
    return sorted(named if refused else named | {"GET"})
