"""``ripstop worker`` (not for people): runs experiments for another ripstop process, over a socket."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ripstop.errors import RipstopError, UsageError

if TYPE_CHECKING:
    from ripstop.suite.running import ItemRunner

_CLOSE_S = 0.5
_INTERRUPTED = 130
_VERBS = ("run", "facts", "restart")

Request = tuple[str, str, tuple[Any, ...], dict[str, Any]]


def run(arguments: Sequence[str]) -> int:
    """Arguments: the socket's descriptor, the answer budget in seconds, then pytest's own."""
    wire = Connection(int(arguments[0]))
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(wire, requests), daemon=True).start()
    try:
        _work(wire, requests, float(arguments[1]), arguments[2:])
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _work(
    wire: Connection, requests: queue.SimpleQueue[Request], budget_s: float, pytest_arguments: Sequence[str]
) -> None:
    # Most of a worker's start; by now somebody listens whether the parent is still there.
    from ripstop import config as configuration
    from ripstop.rig.starting import Starting
    from ripstop.suite.session import hand_over

    try:
        starting = Starting.begin(replace(configuration.load(Path.cwd()), budget_s=budget_s))
        try:
            hand_over(pytest_arguments, starting.ready, lambda runners: _serve(runners, wire, requests))
        finally:
            starting.close()
    except RipstopError as error:
        # What keeps us from starting most likely keeps our parent from it too: it is told once.
        while requests.get():
            _tell(wire, (False, error))


def _listen(wire: Connection, requests: queue.SimpleQueue[Request]) -> None:
    """Take requests in; when the parent hangs up, however it went, interrupt whatever goes on.

    A main thread that cannot be interrupted is not waited for: the wardens end what it started.
    """
    with contextlib.suppress(EOFError, OSError):
        while True:
            requests.put(wire.recv())
    # Nobody is left to read what an interrupted import or tear-down would say.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    threading.Event().wait(_CLOSE_S)
    os._exit(_INTERRUPTED)


def _serve(runners: Sequence[ItemRunner], wire: Connection, requests: queue.SimpleQueue[Request]) -> None:
    by_node = {runner.workflow.nodeid: runner for runner in runners}
    warm: set[str] = set()
    while True:
        _tell(wire, _answer(by_node, warm, requests.get()))


def _tell(wire: Connection, answer: tuple[bool, object]) -> None:
    with contextlib.suppress(OSError):
        wire.send(answer)


def _answer(by_node: dict[str, ItemRunner], warm: set[str], request: Request) -> tuple[bool, object]:
    from ripstop.model.plan import Plan

    nodeid, verb, arguments, given = request
    try:
        runner = by_node.get(nodeid)
        if runner is None or verb not in _VERBS:
            raise UsageError("worker-lost", f"this worker did not collect {nodeid}")
        if nodeid not in warm:
            for _ in range(1 if given.get("learn") else 2):
                runner.run(Plan(), learn=True)
            warm.add(nodeid)
        return True, getattr(runner, verb)(*arguments, **given)
    except RipstopError as error:
        return False, error
