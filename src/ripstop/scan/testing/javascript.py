"""Tests in JavaScript and TypeScript, read from their text: ``it(...)``, ``test(...)``, what they send.

No grammar is needed for what people write there: supertest's chains, ``fetch`` and ``inject``, axios and kin.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

from ripstop.model.survey import Place
from ripstop.scan.testing.nouns import HOLE, Asked, Test

_CASE = re.compile(
    r"(?<![\w.])(?:it|test)(?:\.(?:only|skip|concurrent|each\([^)]*\)))?\s*\(\s*(['\"`])(.*?)\1", re.DOTALL
)
_CHAIN = re.compile(
    r"\.(get|post|put|patch|delete|del)(?:<[^>\n]*>)?\(\s*(['\"`])((?:/|\$\{|https?:)[^'\"`\n]*)\2"
)
_FETCH = re.compile(
    r"\b(?:fetch|\.request)\(\s*(['\"`])((?:/|\$\{|https?:)[^'\"`\n]*)\1(?P<rest>[^;]{0,300})"
)
_INJECT = re.compile(r"\.inject\(\s*\{(?P<rest>[^;]{0,400})")
_METHOD = re.compile(r"\bmethod\s*:\s*['\"`](\w+)['\"`]")
_URL = re.compile(r"\b(?:url|path)\s*:\s*(['\"`])([^'\"`\n]+)\1")
_ERROR = re.compile(
    r"\.expect\(\s*[45]\d\d\b|\bstatus(?:Code)?\)?\s*[),.]*\s*(?:\.?(?:toBe|toEqual|toStrictEqual|equal|eql|is)\(\s*|===?\s*|,\s*)[45]\d\d\b"
    r"|\.rejects\b|\.toThrow\w*\(|assert\.(?:rejects|throws)\(|\.ok\)\.toBe\(\s*false"
)
_HOLES = re.compile(r"\$\{[^}]*\}")


def tests(path: str, text: str) -> Iterator[Test]:
    """The cases of a file; each ends where the next begins. Node ids are ``path::title``."""
    found = list(_CASE.finditer(text))
    starts = [at for at, sign in enumerate(text) if sign == "\n"]
    for index, case in enumerate(found):
        end = found[index + 1].start() if index + 1 < len(found) else len(text)
        body = text[case.end() : end]
        error = bool(_ERROR.search(body))
        line = bisect.bisect_left(starts, case.start()) + 1
        asked = sorted(_asked(body), key=lambda one: one.line)
        asked = [Asked(a.method, a.path, a.line + line, _expected(body, a, asked)) for a in asked]
        title = " ".join(case[2].split())
        yield Test(
            f"{path}::{title}",
            Place(path, line, title),
            bisect.bisect_left(starts, end - 1) + 1,
            tuple(asked),
            error,
        )


def _asked(body: str) -> Iterator[Asked]:
    """The requests of a case, their lines counted from its own."""
    for one in _CHAIN.finditer(body):
        method = "DELETE" if one[1] == "del" else one[1].upper()
        yield from _at(method, one[3], body, one.start())
    for one in _FETCH.finditer(body):
        method = _METHOD.search(one["rest"])
        yield from _at(method[1].upper() if method else "GET", one[2], body, one.start())
    for one in _INJECT.finditer(body):
        method, url = _METHOD.search(one["rest"]), _URL.search(one["rest"])
        if url:
            yield from _at(method[1].upper() if method else "GET", url[2], body, one.start())


def _at(method: str, text: str, body: str, at: int) -> Iterator[Asked]:
    path = _HOLES.sub(HOLE, text)
    path = re.sub(r"^[a-z]+://[^/]*", "", path).partition("?")[0]
    if path.startswith(("/", HOLE)) and path != HOLE:
        yield Asked(method, path, body.count("\n", 0, at))


def _expected(body: str, asked: Asked, others: list[Asked]) -> bool:
    """Whether an error is expected between this request and the next one."""
    later = [one.line for one in others if one.line > asked.line]
    lines = body.split("\n")[asked.line : later[0] if later else None]
    return bool(_ERROR.search("\n".join(lines)))
