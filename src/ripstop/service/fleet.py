"""The service as one thing: the process that answers requests, and those beside it, such as workers.

They are started in order, end together, and write one log. Which of them holds a connection is
asked of the kernel, so that a fault can strike the process whose crossing it broke.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from ripstop.errors import StartError
from ripstop.model.experiment import SourceLine
from ripstop.service.log import LogRing
from ripstop.service.process import POLL_S, ServiceProcess, ending
from ripstop.service.sockets import owners

_SETTLED_S = 0.3
"""How long a process without a ready text is to live before it counts as started."""


@dataclass(frozen=True, slots=True)
class Companion:
    """A process beside the one that answers. ``ready`` is a text of its log; None asks for nothing."""

    name: str
    process: ServiceProcess
    ready: str | None = None
    timeout_s: float = 30.0


@dataclass(slots=True)
class Fleet:
    """All processes of the service. ``main`` is the one requests go to; ``log`` is everybody's."""

    main: ServiceProcess
    log: LogRing
    companions: list[Companion] = field(default_factory=list)
    _mine: set[int] = field(default_factory=set)
    _paused: set[int] = field(default_factory=set)

    @property
    def url(self) -> str:
        return self.main.url

    @property
    def processes(self) -> Mapping[str, ServiceProcess]:
        return {"service": self.main, **{one.name: one.process for one in self.companions}}

    @property
    def alive(self) -> bool:
        return all(one.alive for one in self.processes.values())

    @property
    def mark(self) -> int:
        return self.log.mark

    def lines_since(self, mark: int) -> tuple[str, ...]:
        return self.log.since(mark)

    def stacks(self) -> tuple[SourceLine, ...]:
        """Where the code of the process that answers stands now, innermost first; empty where it cannot say.

        The others are not asked: they may well be idle, and would be named in its place.
        """
        return self.main.stacks()

    def deaths(self) -> tuple[str, ...]:
        """Who ended by itself, and how; processes that were signalled on purpose are left out."""
        return tuple(
            f"the {name} ended by itself with {ending(one.exit_status)}"
            for name, one in self.processes.items()
            if not one.alive and one.pid not in self._mine
        )

    def add(self, companion: Companion) -> None:
        """Take in a process that was started, and wait until it works. Raises StartError."""
        self.companions.append(companion)
        _wait(companion)

    def strike(self, number: int, port: int) -> str:
        """Send a signal to the process that holds a local port; its name, empty where none does.

        SIGTERM goes to the process a supervisor would tell, every other signal to all it started too.
        It has arrived when this returns: a killed process does nothing more.
        """
        name = self._holder(port)
        pid = self.processes[name].pid if name else None
        if pid:
            self._send(pid, number)
        return name

    def beside(self, port: int) -> str:
        """The process beside the one that answers that holds a local port; empty where none of them does."""
        name = self._holder(port)
        return name if any(one.name == name for one in self.companions) else ""

    def resume(self) -> None:
        """Let processes that were paused go on."""
        while self._paused:
            self._send(self._paused.pop(), signal.SIGCONT)

    def settle(self, *, timeout_s: float = 2.0, grace_s: float = 0.0) -> None:
        """Wait for the end of processes that were told to end; then they are ended.

        Also for that of a service that listens no longer: where npm or a shell started it, that one's end
        comes a moment after its own. One that may be about to end has ``grace_s`` to show it.
        """
        deadline = (began := time.monotonic()) + timeout_s
        while self.main.alive and time.monotonic() < (deadline if self.main.over else began + grace_s):
            self.main.wait_exit(POLL_S)
        for one in self.processes.values():
            if one.pid in self._mine and one.wait_exit(max(0.0, deadline - time.monotonic())) is None:
                one.stop()

    @property
    def struck(self) -> bool:
        """Whether a process of now was told to end."""
        return any(one.pid in self._mine for one in self.processes.values())

    def stop(self) -> None:
        """End all of them, the last started first."""
        for one in reversed(tuple(self.processes.values())):
            one.stop()
        self._mine.clear()
        self._paused.clear()

    def restart(self) -> None:
        """End all, then start each again and wait until it serves. Raises StartError."""
        self.stop()
        self.revive()

    def revive(self) -> int:
        """Start those again that ended or were told to, as a supervisor does; how many. Raises StartError."""
        gone = [one for one in self.processes.values() if not one.alive or one.pid in self._mine]
        self._mine.clear()
        for one in gone:
            one.restart()
            for companion in self.companions:
                if companion.process is one:
                    _wait(companion)
        return len(gone)

    def _holder(self, port: int) -> str:
        holding = owners(port)
        for name, one in self.processes.items():
            if one.pid and one.alive and any(_session(pid) == one.pid for pid in holding):
                return name
        return ""

    def _send(self, pid: int, number: int) -> None:
        if number in (signal.SIGKILL, signal.SIGTERM):
            self._mine.add(pid)
        if number == signal.SIGSTOP:
            self._paused.add(pid)
        with suppress(ProcessLookupError):
            if number == signal.SIGTERM:
                os.kill(pid, number)
            else:
                os.killpg(pid, number)


def _wait(companion: Companion) -> None:
    """Until its log says that it works, or it has lived for a moment. Raises StartError."""
    process, began = companion.process, time.monotonic()
    limit_s = companion.timeout_s if companion.ready else _SETTLED_S
    start = process.started_at
    while (passed := time.monotonic() - began) < limit_s:
        if not process.alive:
            raise _not_started(companion, f"ended with {ending(process.exit_status)}", "service-died")
        if companion.ready and any(companion.ready in line for line in process.lines_since(start)):
            return
        time.sleep(POLL_S)
    if companion.ready:
        raise _not_started(companion, f"did not say {companion.ready!r} in {passed:g} s", "never-ready")


def _not_started(companion: Companion, how: str, slug: str) -> StartError:
    lines = companion.process.log_tail() or ("(it wrote nothing)",)
    return StartError(
        slug,
        f"the process {companion.name!r} {how}",
        details=[f"command: {companion.process.command}", *lines],
        way_out=f"see [tool.ripstop.processes.{companion.name}]",
    )


def _session(pid: int) -> int:
    with suppress(OSError):
        return os.getsid(pid)
    return 0
