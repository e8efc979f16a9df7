"""More set-ups side by side: each worker is a ripstop process with a server and a service of its own.

A worker reads requests from a socket and answers with records. When its parent is gone, however it
went, the socket ends and the worker with it. Whether a key pressed at the terminal ends anything is
the parent's to decide: workers are no part of the terminal's foreground.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Self

from ripstop.config import Config
from ripstop.errors import ExperimentError
from ripstop.model.experiment import Experiment
from ripstop.model.fault import Facts
from ripstop.model.plan import Plan
from ripstop.model.runner import Workflow
from ripstop.model.trace import Crossing

_END_S = 30


@dataclass(slots=True)
class RemoteRunner:
    """A WorkflowRunner whose experiments run in a worker."""

    workflow: Workflow
    wire: Connection

    def run(self, plan: Plan, *, learn: bool = False, repeat: bool = True) -> Experiment:
        record: Experiment = self._ask("run", plan, learn=learn, repeat=repeat)
        return record

    def facts(self, crossing: Crossing) -> Facts:
        known: Facts = self._ask("facts", crossing)
        return known

    def restart(self, why: str = "") -> None:
        self._ask("restart", why)

    def _ask(self, verb: str, *arguments: object, **options: bool) -> Any:
        try:
            self.wire.send((self.workflow.nodeid, verb, arguments, options))
            worked, answer = self.wire.recv()
        except (EOFError, OSError):
            raise ExperimentError("worker-died", "a worker process ended by itself") from None
        if not worked:
            raise answer
        return answer


@dataclass(slots=True)
class Crew:
    """The workers of one exploration, started on entry and gone on exit.

    They start beside their parent; each warms up when it is first asked for a workflow.
    """

    config: Config
    pytest_arguments: Sequence[str]
    size: int
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _sockets: list[socket.socket] = field(default_factory=list)
    _wires: list[Connection] = field(default_factory=list)

    def __enter__(self) -> Self:
        for _ in range(self.size):
            mine, theirs = socket.socketpair()
            command = [sys.executable, "-m", "ripstop.cli.main", "worker", str(theirs.fileno())]
            command += [str(self.config.budget_s), *self.pytest_arguments]
            with theirs:
                self._processes.append(
                    subprocess.Popen(
                        command, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),), process_group=0
                    )
                )
            self._sockets.append(mine)
            self._wires.append(Connection(os.dup(mine.fileno())))
        return self

    def hang_up(self) -> None:
        """Let the workers end, without waiting for them. A second call changes nothing."""
        for line in self._sockets:
            # Closing alone would not wake a thread that waits for an answer.
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def __exit__(self, *_: object) -> None:
        self.hang_up()
        for process in self._processes:
            process.wait(_END_S)

    def runners(self, workflow: Workflow) -> list[RemoteRunner]:
        return [RemoteRunner(workflow, wire) for wire in self._wires]
