"""SQL text cut into words with its values taken out. No grammar: what a statement means is `sqlshape`'s.

Lexical rules after the PostgreSQL manual, 4.1: nested comments, E'' strings with backslashes,
dollar quotes, quoted identifiers, numbered parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

STRING, NUMBER, PARAMETER = "'?'", "0", "$1"

_TOKEN = re.compile(
    r"""
      (?P<skip>\s+|--[^\n]*)
    | (?P<comment>/\*)
    | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
    | (?P<escaped>[eE]'(?:[^'\\]|\\.|'')*+(?:'|\Z))
    | (?P<string>(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*+(?:'|\Z))
    | (?P<quoted>(?:[uU]&)?"(?:[^"]|"")*+(?:"|\Z))
    | (?P<parameter>\$\d+|%s|%\(\w+\)s)
    | (?P<number>(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<mark>::|:=|(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])++|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_VALUE = r"(?:'\?'|0|\$1|null|default|true|false)(?: :: \w+(?: \( 0 \))?(?: \[ \])?)?"
_OVERRIDING = re.compile(r"\boverriding (?:system|user) value ")
_IN_LIST = re.compile(rf"\bin \( (?:{_VALUE} , )+{_VALUE} \)")


def words(text: str) -> list[str]:
    """A text's tokens: words in lower case, quoted names as they are, every value as a stand-in."""
    return list(_scan(text))


def statements(tokens: list[str]) -> list[list[str]]:
    """Tokens cut at the semicolons that stand outside brackets; empty statements left out."""
    found: list[list[str]] = [[]]
    depth = 0
    for word in tokens:
        depth += (word == "(") - (word == ")")
        if word == ";" and depth <= 0:
            found.append([])
        else:
            found[-1].append(word)
    return [statement for statement in found if statement]


def shape_text(tokens: list[str]) -> str:
    """One line of SQL for a parser, its lists of rows and of values cut down to one."""
    line = _OVERRIDING.sub("", " ".join(_one_row(tokens)))
    return _IN_LIST.sub("in ( 0 )", line)


def _one_row(tokens: list[str]) -> Iterator[str]:
    depth, rows_at, first = 0, -1, True
    for at, word in enumerate(tokens):
        depth -= word == ")"
        if depth == rows_at and word == "," and tokens[at + 1 : at + 2] == ["("]:
            first = False
        elif depth < rows_at or (depth == rows_at and word not in "()"):
            rows_at, first = -1, True
        if word == "values":
            rows_at = depth
        if first:
            yield word
        depth += word == "("


def unquote(word: str) -> str:
    """A name as the server stores it: quoted names keep their case (manual, 4.1.1)."""
    if word.endswith('"') and word.startswith(('"', 'u&"')):
        return word.removeprefix("u&")[1:-1].replace('""', '"')
    return word


def _scan(text: str) -> Iterator[str]:
    at = 0
    while match := _TOKEN.match(text, at):
        at, kind, found = match.end(), match.lastgroup, match.group()
        if kind == "comment":
            at = _end_of_comment(text, at)
        elif kind == "dollar":
            closing = text.find(found, at)
            at = len(text) if closing < 0 else closing + len(found)
            yield STRING
        elif kind in ("string", "escaped"):
            yield STRING
        elif kind == "word":
            yield found.lower()
        elif kind != "skip":
            yield {"number": NUMBER, "parameter": PARAMETER}.get(str(kind), found)


def _end_of_comment(text: str, at: int) -> int:
    depth = 1
    for edge in _COMMENT_EDGE.finditer(text, at):
        depth += 1 if edge.group() == "/*" else -1
        if not depth:
            return edge.end()
    return len(text)
