"""Where a connection of this process may go: a table of intercepted names, and a report of the rest.

The file named by ``RIPSTOP_OUTBOUND`` holds lines of words separated by tabs: ``ca PATH``, ``report
PATH``, ``dark PATH`` and, the most particular first, ``host PATTERN ADDRESS PORT``. A pattern is a name
or ``*.NAME``; ADDRESS stands for it in this process, PORT is where connections to ADDRESS go. Names in
the file ``dark`` do not resolve now. Each line of the report is one write: ``KIND WORD PORT CLIENT PID``.
Node's shim reads and writes the same.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

REPORT_LIMIT_BYTES = 1_000_000
NAME_LIMIT = 255
HOME = "127.0.0.1"
_INSTALLED = ("site-packages", "dist-packages")
_LIBRARY = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep  # noqa: PTH100, PTH120


class Table:
    """What the rig has said. Read once, at the start of the process."""

    def __init__(self, path: str) -> None:
        self.ca = self.report = self.dark = ""
        self.exact: dict[str, str] = {}
        self.below: list[tuple[str, str]] = []
        self.ports: dict[str, int] = {}
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            for line in file:
                word, *rest = line.rstrip("\n").split("\t")
                if word in ("ca", "report", "dark"):
                    setattr(self, word, rest[0])
                elif word == "host":
                    self._add(*rest)

    def _add(self, pattern: str, address: str, port: str) -> None:
        self.ports[address] = int(port)
        if pattern.startswith("*."):
            self.below.append((pattern[1:], address))
        else:
            self.exact[pattern] = address

    def address_of(self, name: str) -> str:
        """The address an intercepted name has here; empty for any other name."""
        found = self.exact.get(name)
        if found:
            return found
        for suffix, address in self.below:
            if name.endswith(suffix):
                return address
        return ""

    def is_dark(self, name: str) -> bool:
        """Whether an intercepted name is not to resolve at present."""
        try:
            with open(self.dark, encoding="utf-8") as file:  # noqa: PTH123
                address = self.address_of(name)
                return any(self.address_of(line.strip()) == address for line in file)
        except OSError:
            return False


def tell(table: Table, kind: str, word: str, port: Any = 0, client: str = "") -> None:
    """Add a line to the report, unless that has grown beyond its bound."""
    number = int(port) if str(port).isdigit() else 0
    shown = "".join(one if one.isprintable() else "?" for one in word[:NAME_LIMIT])
    line = f"{kind}\t{shown}\t{number}\t{client}\t{os.getpid()}\n"
    try:
        report = os.open(table.report, os.O_WRONLY | os.O_APPEND)
        try:
            if os.fstat(report).st_size < REPORT_LIMIT_BYTES:
                os.write(report, line.encode("utf-8", "replace"))
        finally:
            os.close(report)
    except OSError:
        pass


def client() -> str:
    """The installed package on whose behalf this runs: the last one met before the service's own code."""
    frame = sys._getframe(1)
    found = ""
    while frame is not None:
        path = frame.f_code.co_filename
        package = _package(path)
        if package:
            found = package
        elif not path.startswith((_LIBRARY, _HERE, "<")):
            break
        frame = frame.f_back  # type: ignore[assignment]
    return found


def _package(path: str) -> str:
    for folder in _INSTALLED:
        _, found, rest = path.rpartition(os.sep + folder + os.sep)
        if found:
            return rest.partition(os.sep)[0].partition(".")[0]
    return ""
