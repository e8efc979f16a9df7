"""Whether a test's call touched what it claims to test: the project's own code, or anything at a socket.

Product code in this process is seen by a profile function until the first such call; a connection opened by
any client, through an audit hook (sys.audit, "socket.connect").
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import FrameType
from typing import Any

_FOLDERS = frozenset({"tests", "test", "__tests__"})


def is_about_tests(path: str) -> bool:
    """Whether a file of a project is a test or stands beside tests, by pytest's conventions."""
    *folders, name = PurePosixPath(path).parts or ("",)
    named = name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
    return named or bool(_FOLDERS.intersection(folders))


@dataclass(slots=True)
class Touch:
    """What has been seen: ``product`` code run, a ``socket`` connected."""

    is_product: Callable[[str], bool]
    product: bool = False
    socket: bool = False
    _known: dict[str, bool] = field(default_factory=dict)
    _listening: bool = False
    _hooked: bool = False

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Within: look. What is already profiled by somebody else is left alone."""
        if not self._hooked:
            sys.addaudithook(self._heard)
            self._hooked = True
        before = sys.getprofile()
        self.product = self.socket = False
        self._listening = True
        if before is None:
            threading.setprofile(self._called)
            sys.setprofile(self._called)
        try:
            yield
        finally:
            self._listening = False
            if before is None:
                sys.setprofile(None)
                threading.setprofile(None)

    def _called(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event != "call" or self.product:
            return
        name = frame.f_code.co_filename
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self.is_product(name)
        if known:
            self.product = True
            sys.setprofile(None)

    def _heard(self, event: str, _arguments: tuple[object, ...]) -> None:
        if self._listening and event == "socket.connect":
            self.socket = True
