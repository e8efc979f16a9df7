"""``ripstop worker`` (not for people): runs experiments for another ripstop process, over a socket."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ripstop import config as configuration
from ripstop.errors import RipstopError, UsageError
from ripstop.model.plan import Plan
from ripstop.rig.rig import Rig
from ripstop.suite.running import ItemRunner
from ripstop.suite.session import hand_over

HELP = "run experiments for another ripstop process"
_VERBS = ("run", "facts", "restart")

Request = tuple[str, str, tuple[Any, ...], dict[str, Any]]


def run(arguments: Sequence[str]) -> int:
    """Arguments: the socket's descriptor, the answer budget in seconds, then pytest's own."""
    wire = Connection(int(arguments[0]))
    config = replace(configuration.load(Path.cwd()), budget_s=float(arguments[1]))
    requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(wire, requests), daemon=True).start()
    rig = Rig.start(config)
    try:
        hand_over(arguments[2:], rig, lambda runners: _serve(runners, wire, requests))
    finally:
        rig.close()
    return 0


def _listen(wire: Connection, requests: queue.SimpleQueue[Request | None]) -> None:
    """Take requests in; when the parent is gone while one is under way, end at once."""
    while True:
        try:
            requests.put(wire.recv())
        except (EOFError, OSError):
            requests.put(None)
            threading.Event().wait(1.0)
            os._exit(1)


def _serve(
    runners: Sequence[ItemRunner], wire: Connection, requests: queue.SimpleQueue[Request | None]
) -> None:
    by_node = {runner.workflow.nodeid: runner for runner in runners}
    warm: set[str] = set()
    while request := requests.get():
        wire.send(_answer(by_node, warm, request))


def _answer(by_node: dict[str, ItemRunner], warm: set[str], request: Request) -> tuple[bool, object]:
    nodeid, verb, arguments, given = request
    try:
        runner = by_node.get(nodeid)
        if runner is None or verb not in _VERBS:
            raise UsageError("worker-lost", f"this worker did not collect {nodeid}")
        if nodeid not in warm:
            warm.add(nodeid)
            for _ in range(2):
                runner.run(Plan(), learn=True)
        return True, getattr(runner, verb)(*arguments, **given)
    except RipstopError as error:
        return False, error
