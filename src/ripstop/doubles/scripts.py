"""Replies a test puts in a handler's place for the length of a block."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from ripstop.model.http import Reply


@dataclass(slots=True, eq=False)
class Script:
    """Replies for one route, in order, the last again and again; at most ``times`` of them.

    With ``reached`` False they are an infrastructure's: the double never saw the call.
    """

    pattern: str
    replies: deque[Reply]
    reached: bool = True
    times: int | None = None

    def take(self) -> Reply:
        """The next reply, used up unless it is the last."""
        if self.times is not None:
            self.times -= 1
        return self.replies.popleft() if len(self.replies) > 1 else self.replies[0]


@dataclass(slots=True)
class Scripts:
    """The scripts in place. The one put last answers first."""

    _scripts: list[Script] = field(default_factory=list)

    @contextlib.contextmanager
    def play(self, script: Script) -> Iterator[None]:
        self._scripts.append(script)
        try:
            yield
        finally:
            self._scripts.remove(script)

    def due(self, pattern: str) -> Script | None:
        """The script that answers the next call of a route, None where its handler does."""
        return next((s for s in reversed(self._scripts) if s.pattern == pattern and s.times != 0), None)
