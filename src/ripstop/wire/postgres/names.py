"""Texts a client gave names to: its prepared statements and its portals. What they mean is not known here."""

from __future__ import annotations

from typing import Final

NAMES_LIMIT: Final = 10_000
TEXTS_LENGTH: Final = 16 << 20


class Names:
    """The latest names and their texts, bounded in number and in total length; older ones go first."""

    def __init__(self) -> None:
        self._texts: dict[bytes, str] = {}
        self._length = 0

    def put(self, name: bytes, text: str) -> None:
        self.drop(name)
        self._texts[name] = text
        self._length += len(text)
        while len(self._texts) > 1 and (len(self._texts) > NAMES_LIMIT or self._length > TEXTS_LENGTH):
            self.drop(next(iter(self._texts)))

    def get(self, name: bytes) -> str:
        """The text; empty for a name that is not known."""
        return self._texts.get(name, "")

    def drop(self, name: bytes) -> None:
        self._length -= len(self._texts.pop(name, ""))

    def __contains__(self, name: bytes) -> bool:
        return name in self._texts
