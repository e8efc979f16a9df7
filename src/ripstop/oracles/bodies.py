"""What answer bodies give away: a framework's bare error page, a traceback, a driver's own words.

Patterns only. Whether they tear an experiment is for the oracles that ask.
"""

from __future__ import annotations

import re

from ripstop.model.http import Answer

_LIMIT_BYTES = 65_536

_TRACEBACK = re.compile(
    r"Traceback \(most recent call last\)"
    r"|^[ \t]{0,20}File \"[^\"\n]+\", line \d+, in "
    r"|File &quot;[^&\n]+&quot;, line \d+"
    r"|^[ \t]{1,20}at [\w$.<>\[\] ]{1,200} \(?(?:file://)?[^()\s]+:\d+:\d+\)?"
    r"|^[ \t]{1,20}at [\w$.]+\([\w$]+\.java:\d+\)"
    r"|^goroutine \d+ \[running\]"
    r"|(?:&nbsp;|\s)at [\w$.<>]+ \(/[^()\s]+:\d+:\d+\)",
    re.MULTILINE,
)
_BARE = (
    re.compile(r"\A\s*Internal Server Error\.?\s*\Z", re.IGNORECASE),
    re.compile(r"\A\s*\Z"),
    re.compile(r"<title>\s*500 Internal Server Error\s*</title>", re.IGNORECASE),
    re.compile(
        r"<title>\s*Server Error \(500\)\s*</title>|<h1>\s*Server Error \(500\)\s*</h1>", re.IGNORECASE
    ),
    re.compile(r"You(?:'|&#x27;|&#39;)re seeing this error because you have <code>DEBUG = True</code>"),
    re.compile(r"<h1>\s*Internal Server Error\s*</h1>", re.IGNORECASE),
    re.compile(r"<title>Error</title>\s*</head>\s*<body>\s*<pre>", re.IGNORECASE),
    re.compile(r"We're sorry, but something went wrong \(500\)"),
    re.compile(r"Whitelabel Error Page"),
    re.compile(r"\A500 Internal Server Error\s+Server got itself in trouble"),
)
_LEAKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("stack trace", _TRACEBACK),
    (
        "SQL text",
        re.compile(
            r"\[SQL: |\[parameters: |\bINSERT INTO [\w.\"\\]+ ?\(|\bUPDATE [\w.\"\\]+ SET [\w.\"\\]+ ?="
            r"|\bDELETE FROM [\w.\"\\]+ WHERE\b"
            r"|\bSELECT (?:DISTINCT )?[\w.\"\\*()]+(?: AS [\w\"\\]+)?"
            r"(?:,\s*[\w.\"\\*()]+(?: AS [\w\"\\]+)?)*"
            r"\s+FROM [\w\"\\]"
        ),
    ),
    (
        "driver text",
        re.compile(
            r"\bpsycopg2?\b[._]|\basyncpg\.|\bpg8000\b|\bsqlalchemy\.(?:exc|orm)\b|sqlalche\.me/|\bdjango\.db\."
            r"|\(psycopg|connection to server at |server closed the connection unexpectedly"
            r"|terminating connection due to administrator command|duplicate key value violates unique"
            r"|violates (?:foreign key|check|not-null|unique) constraint|could not serialize access"
            r"|canceling statement due to |deadlock detected|current transaction is aborted"
            r"|HTTPS?ConnectionPool\(|Max retries exceeded with url|\brequests\.exceptions\."
            r"|\bhttpx\.\w+Error|\[Errno \d+\]"
            r"|\burllib3\.|\baiohttp\.client|\bECONN(?:REFUSED|RESET)\b|\bPG::\w+|org\.postgresql\."
            r"|Sequelize\w*Error|PrismaClient\w*Error|connection was closed in the middle of operation"
        ),
    ),
    (
        "file path",
        re.compile(
            r"(?<![\w/.])/(?:[\w.@+-]+/)+[\w.@+-]+\.(?:py|js|mjs|cjs|ts|rb|go|java|php|rs|cs|ex|exs)\b"
            r"|(?<![\w/])/[\w./@+-]*(?:site-packages|node_modules)/|\b[A-Z]:\\(?:[\w .-]+\\)+[\w.-]+"
        ),
    ),
    (
        "credentials",
        re.compile(
            r"\b[a-z][a-z0-9+.-]{0,30}://[^\s:/@\"']{1,80}:[^\s/@\"']{1,200}@|\bpassword\s*=\s*['\"]?[^\s'\"&]+"
            r"|\b(?:sk|rk)_(?:live|test)_\w{6,}|-----BEGIN [A-Z ]*PRIVATE KEY",
            re.IGNORECASE,
        ),
    ),
)


def text_of(answer: Answer) -> str:
    return answer.body[:_LIMIT_BYTES].decode("utf-8", "replace").replace("\\n", "\n")


def has_traceback(answer: Answer) -> bool:
    return bool(_TRACEBACK.search(text_of(answer)))


def is_bare(answer: Answer) -> bool:
    """Whether a 500 is the one a framework sends where nobody caught the error.

    Known: WSGI/ASGI servers, Starlette, Flask (Werkzeug), Django plain and debug, Express,
    Rails, Spring. A JSON object of the service's own is not bare, unless it only repeats the status.
    """
    if answer.status != 500:
        return False
    content = answer.json()
    if isinstance(content, dict):
        return _only_status(content)
    return any(pattern.search(text_of(answer)) for pattern in _BARE) or has_traceback(answer)


def _only_status(content: dict[str, object]) -> bool:
    """Fastify, NestJS and Spring answer an uncaught error with JSON that says nothing but 500."""
    texts = {str(v) for k, v in content.items() if k not in ("timestamp", "path")}
    plain = {"500", "Internal Server Error", "Internal server error", "error", "INTERNAL_SERVER_ERROR"}
    return ("statusCode" in content or "timestamp" in content) and texts <= plain


def leaks(answer: Answer) -> dict[str, str]:
    """What kinds of inner matter an answer's body holds, each with the text that shows it."""
    text = text_of(answer)
    found = ((kind, pattern.search(text)) for kind, pattern in _LEAKS)
    return {kind: match[0] for kind, match in found if match}
