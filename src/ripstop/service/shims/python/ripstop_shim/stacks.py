"""On a signal, writes where every thread and task of a Python service stands.

The file named by ``RIPSTOP_STACKS`` gets a line ``ready PID SIGNAL`` for each process; a dump goes
to that name with ``.PID`` behind it and ends in a line ``end``. A real-time signal, because servers
give SIGUSR1 and SIGUSR2 meanings of their own, or reset them. The threads are written by
faulthandler, which works while the main thread sits in a C call; the tasks by the handler proper.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEPTH_LIMIT = 100


def _announce(base: str) -> None:
    import faulthandler

    number = signal.SIGRTMIN + 11
    name = f"{base}.{os.getpid()}"
    dump = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def handle(_number: int, _frame: object) -> None:
        try:
            text = "".join(_tasks())
        except Exception:
            text = ""
        os.write(dump, f"\n{text}end\n".encode("utf-8", "backslashreplace"))

    # In a forked child it believes itself in place still, and would not put itself before ours.
    faulthandler.unregister(number)
    signal.signal(number, handle)
    faulthandler.register(number, file=dump, all_threads=True, chain=True)
    ready = os.open(base, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(ready, f"ready {os.getpid()} {int(number)}\n".encode())
    os.close(ready)


def _tasks() -> list[str]:
    """Each task of the loop that runs in the main thread, the newest first, its innermost frame first."""
    asyncio: Any = sys.modules.get("asyncio")
    loop = asyncio and asyncio._get_running_loop()
    if not loop:
        return []
    lines: list[str] = []
    tasks = [(task.get_name(), task) for task in asyncio.all_tasks(loop)]
    for _, task in sorted(tasks, key=lambda one: (len(one[0]), one[0]), reverse=True):
        lines.append(f"Task {task.get_name()} (most recent call first):\n")
        for frame, line in reversed(_awaiting(task.get_coro())):
            code = frame.f_code
            lines.append(f'  File "{code.co_filename}", line {line} in {code.co_name}\n')
        lines.append("\n")
    return lines


def _awaiting(awaitable: Any) -> list[Any]:
    """The chain of frames from a coroutine down to what it waits for."""
    chain: list[Any] = []
    while awaitable is not None and len(chain) < DEPTH_LIMIT:
        frame = None
        for kind, inner in (("cr", "cr_await"), ("gi", "gi_yieldfrom"), ("ag", "ag_await")):
            frame = getattr(awaitable, f"{kind}_frame", None)
            if frame is not None:
                chain.append((frame, frame.f_lineno))
                awaitable = getattr(awaitable, inner)
                break
        if frame is None:
            awaitable = _inside(awaitable)
    return chain


def _inside(awaitable: Any) -> Any:
    """What an ``__anext__`` or a coroutine's wrapper stands for; it has no attribute that says so."""
    import gc

    kind = type(awaitable).__name__
    if kind not in (
        "async_generator_asend",
        "async_generator_athrow",
        "coroutine_wrapper",
        "anext_awaitable",
    ):
        return None
    for one in gc.get_referents(awaitable):
        if (
            hasattr(one, "ag_frame")
            or hasattr(one, "cr_frame")
            or type(one).__name__ == "async_generator_asend"
        ):
            return one
    return None


def install() -> None:
    """Answer the signal in this process and in those forked from it."""
    base = os.environ.get("RIPSTOP_STACKS")
    if base:
        _announce(base)
        os.register_at_fork(after_in_child=lambda: _announce(base))
