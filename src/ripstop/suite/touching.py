"""Whether a test's call touched what it claims to test: the project's own code, or anything at a socket.

And which files were read in a whole session.

Product code in this process is seen by a profile function until the first such call; a connection opened by
any client, and a file opened to be read, through an audit hook (sys.audit, "socket.connect", "open").
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import FrameType
from typing import Any

FOLDERS = frozenset({"tests", "test", "__tests__"})


def is_about_tests(path: str) -> bool:
    """Whether a file of a project is a test or stands beside tests, by pytest's conventions."""
    *folders, name = PurePosixPath(path).parts or ("",)
    named = name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
    return named or bool(FOLDERS.intersection(folders))


@dataclass(slots=True)
class Touch:
    """What has been seen: ``product`` code run, a ``socket`` connected, files ``read`` of those ``kept``."""

    is_product: Callable[[str], bool]
    kept: Callable[[str], bool] = lambda _: False
    read: set[str] = field(default_factory=set)
    product: bool = False
    socket: bool = False
    _known: dict[str, bool] = field(default_factory=dict)
    _listening: bool = False
    _hooked: bool = False

    def listen(self) -> None:
        """From now on, hear what the process does. There is no end to it (PEP 578)."""
        if not self._hooked:
            sys.addaudithook(self._heard)
            self._hooked = True

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Within: look. What is already profiled by somebody else is left alone."""
        self.listen()
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

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._opened(*arguments)
        elif self._listening and event == "socket.connect":
            self.socket = True

    def _opened(self, path: object, mode: object, flags: int) -> None:
        written = set(mode) & set("wax+") if isinstance(mode, str) else flags & (os.O_WRONLY | os.O_RDWR)
        if isinstance(path, str | os.PathLike) and not written:
            with contextlib.suppress(OSError):
                name = os.path.normpath(Path.cwd() / os.fsdecode(path))
                if self.kept(name):
                    self.read.add(name)
