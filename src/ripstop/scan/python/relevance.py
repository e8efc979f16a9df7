"""Of a very large repository, the files that can matter: those of services, and all that they import.

Texts are searched for imports, not parsed; small repositories are read whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ripstop.scan.python.naming import Names

LARGE_BYTES = 8_000_000
"""Repositories with more Python than this are read selectively."""
_ENTRY = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+(?:fastapi|flask|django|starlette|litestar|quart|sanic|aiohttp|tornado"
    rb"|bottle|falcon|rest_framework|ninja|celery|dramatiq|huey|rq|arq|taskiq|sqlalchemy|sqlmodel)\b",
    re.MULTILINE,
)
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n;]*)|import[ \t]+([^\n;]+))", re.MULTILINE
)
_WORD = re.compile(r"[\w.]+")


def needed(texts: Mapping[str, bytes], names: Names) -> set[str]:
    """The files, of those given by path, that are a service's entry or imported from one, however far."""
    files = {name: file for file, name in names.by_file.items()}
    found = {file for file, text in texts.items() if _ENTRY.search(text)}
    waiting = list(found)
    while waiting:
        file = waiting.pop()
        for name in _imported(texts[file], file, names):
            other = files.get(name, "")
            if other in texts and other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _imported(text: bytes, file: str, names: Names) -> Iterator[str]:
    """The project's modules that a text imports, as modules or for a name in them."""
    for match in _IMPORT.finditer(text):
        source, members, plain = (part.decode("utf-8", "replace") if part else "" for part in match.groups())
        if plain:
            for part in plain.split(","):
                yield names.imported(file, part.split()[0] if part.split() else "")
            continue
        start = _absolute(source, file, names)
        yield names.imported(file, start)
        for member in _WORD.findall(members):
            yield names.imported(file, f"{start}.{member}")


def _absolute(source: str, file: str, names: Names) -> str:
    module = source.lstrip(".")
    level = len(source) - len(module)
    if not level:
        return module
    parts = names.by_file[file].split(".")
    package = parts if file.endswith("__init__.py") else parts[:-1]
    kept = package[: len(package) - level + 1]
    return ".".join([*kept, *([module] if module else [])])
