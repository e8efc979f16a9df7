"""The exceptions a user of Ripstop can meet: each says what happened and the way out.

Few classes, told apart by exit code; a *slug* names the exact cause and never changes,
so that a search for it finds its page. Nothing here knows about any other room.
"""

from __future__ import annotations

from collections.abc import Iterable


class RipstopError(Exception):
    """A failure with a cause and a way out, as one message a person can act on.

    ``slug`` is the stable name of the cause, ``details`` lines that belong to it (the
    service's last log lines, the list of known names), ``way_out`` what to do next.
    """

    exit_code = 5

    def __init__(self, slug: str, message: str, *, details: Iterable[str] = (), way_out: str = "") -> None:
        super().__init__(message)
        self.slug = slug
        self.message = message
        self.details = tuple(details)
        self.way_out = way_out

    def __str__(self) -> str:
        lines = [f"{self.message} [{self.slug}]", *(f"  {line}" for line in self.details)]
        if self.way_out:
            lines.append(f"way out: {self.way_out}")
        return "\n".join(lines)


class UsageError(RipstopError):
    """A wrong command line, configuration, marker or name."""

    exit_code = 2


class StartError(RipstopError):
    """The service, a server or a double would not start, or died before it was needed."""

    exit_code = 3


class BaselineError(RipstopError):
    """The workflow is not green without faults, or does not repeat."""

    exit_code = 4


class ExperimentError(RipstopError):
    """An experiment could not be run or read to its end; its verdict is unknown."""
