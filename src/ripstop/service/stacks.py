"""From a stack dump or a logged traceback to the service's own source line.

What the start-up shim writes is described there; how a hung service is asked for it, here.
"""

from __future__ import annotations

import linecache
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from urllib.parse import unquote

from ripstop.model.experiment import SourceLine

SHIMS = Path(__file__).with_name("shims") / "python"
NODE_SHIM = Path(__file__).with_name("shims") / "node" / "outbound.cjs"
DUMP_LIMIT_S = 0.5
DUMP_QUIET_S = 0.1
DUMP_LIMIT_BYTES = 1_000_000
_FRAME = re.compile(r'File "([^"]+)", line (\d+),? in (.+?)\s*$')
# "    at place (file:///shop/app.ts:3:9)", or without a function: so Node writes it, and Deno and Bun.
_NODE_LINE = re.compile(r"(?:^\s*|\s{4})at (?:async )?(.+)")
_NODE_FRAME = re.compile(r"(?:[^()]*\()?(file://)?(/[^:]+):(\d+):\d+")
_TRACEBACK = "Traceback (most recent call last):"
_FOREIGN = {"site-packages", "dist-packages", "node_modules"}


@dataclass(frozen=True, slots=True)
class Stack:
    """One thread's or task's frames inside the project, innermost first, and their functions."""

    task: bool
    frames: tuple[SourceLine, ...]
    functions: tuple[str, ...]


def ask(announced: Path, root: Path, cwd: Path) -> tuple[SourceLine, ...]:
    """Where the service's code stands now: tasks first, then threads, each innermost first.

    Signals only processes that announced themselves and still catch the signal; a process
    without a handler would die of it. One that was stopped (SIGSTOP) is let be: its dump would be made
    when it goes on, while its threads run, and reading a running thread's frames can crash it (Python's
    faulthandler, "dump_traceback"). Waits half a second at most.
    """
    dumps = [dump for pid, number in _ready(announced) if (dump := _request(announced, pid, number))]
    stacks = [stack for dump in dumps for stack in parse(_await(dump), root, cwd)]
    stacks.sort(key=lambda one: (one.functions[0] == "<module>", not one.task))
    seen = dict.fromkeys(frame for stack in stacks for frame in stack.frames)
    return tuple(seen)


def _ready(announced: Path) -> list[tuple[int, int]]:
    """Process ids and the signal each listens to."""
    try:
        words = [line.split() for line in announced.read_text().splitlines()]
    except OSError:
        return []
    return [(int(line[1]), int(line[2])) for line in words if len(line) == 3 and line[0] == "ready"]


def _request(announced: Path, pid: int, number: int) -> Path | None:
    """Signal one process; the file its dump goes to."""
    dump = Path(f"{announced}.{pid}")
    try:
        if not _ours(pid, announced) or not _catches(pid, number):
            return None
        os.truncate(dump, 0)
        os.kill(pid, number)
    except OSError:
        return None
    return dump


def _ours(pid: int, announced: Path) -> bool:
    """Process ids are used again: the environment proves that it is still the same."""
    wanted = f"RIPSTOP_STACKS={announced}".encode()
    return wanted in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")


def _catches(pid: int, number: int) -> bool:
    """Whether the process runs and has a handler for the signal."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("State:\tT"):
            return False
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False


def _await(dump: Path) -> str:
    """The dump's text, whole; or what there is once no more comes (a main thread deep in C)."""
    now = time.monotonic()
    deadline, grown = now + DUMP_LIMIT_S, now
    text = ""
    while not text.endswith("\nend\n") and now < deadline and not (text and now - grown > DUMP_QUIET_S):
        time.sleep(0.002)
        before = text
        with suppress(OSError), dump.open(errors="backslashreplace") as file:
            text = file.read(DUMP_LIMIT_BYTES)
        now = time.monotonic()
        grown = grown if text == before else now
    return text


def parse(text: str, root: Path, cwd: Path) -> list[Stack]:
    """The stacks of a dump that have a frame inside the project."""
    stacks = []
    for block in re.split(r"\n\s*\n", text):
        found = [
            (frame, name)
            for line in block.splitlines()
            if (frame := _frame(line, root, cwd))
            for name in [_function(line)]
        ]
        if found:
            frames, functions = zip(*found, strict=True)
            stacks.append(Stack(block.lstrip().startswith("Task "), frames, functions))
    return stacks


def traceback_source(lines: Sequence[str], root: Path, cwd: Path | None = None) -> SourceLine | None:
    """The innermost frame inside the project of the last Python or Node traceback in a log.

    Where the last one has none, the one before it counts: in Python a cause is printed before what it
    led to. Python's innermost frame is the last of a traceback, Node's the first.
    """
    told = "\n".join(_unfold(lines)).split("\n")
    frames = [*_python_frames(told, root, cwd or root), *_node_frames(told, root)]
    return max(frames, key=itemgetter(0))[1] if frames else None


def _python_frames(lines: Sequence[str], root: Path, cwd: Path) -> Iterator[tuple[int, SourceLine]]:
    """Our frames of all tracebacks, with their places in the log."""
    begun = False
    for number, line in enumerate(lines):
        begun |= _TRACEBACK in line
        if begun and (frame := _frame(line, root, cwd)):
            yield number, frame


def _node_frames(lines: Sequence[str], root: Path) -> Iterator[tuple[int, SourceLine]]:
    """Our first frame of every stack, with its place in the log."""
    named = False
    for number, line in enumerate(lines):
        stack = _NODE_LINE.search(line)
        named = named and stack is not None
        found = _NODE_FRAME.match(stack.group(1)) if stack and not named else None
        if found:
            path = unquote(found.group(2)) if found.group(1) else found.group(2)
            if inside(Path(path), root):
                named = True
                yield number, _line(Path(path), int(found.group(3)), root)


def _unfold(lines: Iterable[str]) -> list[str]:
    """A traceback inside one line of JSON has its line ends and quotes escaped."""
    return [line.replace("\\n", "\n").replace('\\"', '"') if "\\n" in line else line for line in lines]


def _function(line: str) -> str:
    found = _FRAME.search(line)
    return found.group(3) if found else ""


def _frame(line: str, root: Path, cwd: Path) -> SourceLine | None:
    """The frame a line names, None where it names none or one outside the project's own code."""
    found = _FRAME.search(line)
    if not found or found.group(1).startswith("<"):
        return None
    path = Path(os.path.normpath(cwd / found.group(1)))
    # Compiled modules name a source by a path of where they were built.
    if not inside(path, root) or not path.is_file():
        return None
    return _line(path, int(found.group(2)), root)


def _line(path: Path, number: int, root: Path) -> SourceLine:
    return SourceLine(str(path.relative_to(root)), number, linecache.getline(str(path), number).strip())


def inside(path: Path, root: Path) -> bool:
    """Whether a file is the project's own code: not installed, not of a virtual environment."""
    if not path.is_relative_to(root) or _FOREIGN & set(path.parts):
        return False
    if any(
        path.is_relative_to(base)
        for base in {sys.prefix, sys.base_prefix}
        if Path(base) != root and Path(base).is_relative_to(root)
    ):
        return False
    folders = path.relative_to(root).parents
    return not any((root / folder / "pyvenv.cfg").exists() for folder in folders if folder != Path())
