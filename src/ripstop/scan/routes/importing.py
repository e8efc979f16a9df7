"""Asks the running application for its routes: the probe in a subprocess, bounded in time, size and reach.

The probe runs in the project's own interpreter, isolated (``-I``), without the caller's environment: what a
variable would have named is out of its reach. Variables that the import asks for get placeholders.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ripstop.model.survey import Place, Route
from ripstop.scan.routes.applications import Application

_START = """\
import json, sys, types
at, given, answer = sys.argv[1:4]
for name, below in (("ripstop", ""), ("ripstop.scan", "/scan"), ("ripstop.scan.routes", "/scan/routes")):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [at + below]
from ripstop.scan.routes.probe.program import main
main(json.loads(given), int(answer))
"""
_PACKAGE = Path(__file__).parents[2]
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
_ANSWER_LIMIT_BYTES = 32_000_000
_COMPLAINT_LIMIT_BYTES = 64_000
_CHUNK_BYTES = 65_536
_LOOK_S = 0.2
"""How often to see whether the probe has ended while what it started keeps its answer open."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an application could not be asked: the last line of the traceback, and the project's line in it."""

    said: str
    place: Place | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.said}" if self.place else self.said


@dataclass(frozen=True, slots=True)
class Told:
    """What an application told. ``placed`` are the variables that got placeholders, ``openapi`` its document.

    ``kind`` is the framework; with a ``problem`` there are no routes. ``unsaid`` is why there is no document
    where there should be one.
    """

    application: Application
    routes: tuple[Route, ...] = ()
    kind: str = ""
    openapi: object = None
    placed: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    unsaid: str = ""


def interpreter(root: Path) -> str:
    """The project's own Python: that of a virtual environment in its root, else the one that runs this."""
    for name in (".venv", "venv", "env"):
        found = root / name / "bin" / "python"
        if found.is_file():
            return str(found)
    return sys.executable


def ask(
    root: Path, application: Application, *, python: str, timeout_s: float = 20.0, tries: int = 6
) -> Told:
    """Import an application and have it tell its routes; as often as it names a variable that it misses.

    ``timeout_s`` bounds each try, three times it all of them.
    """
    root = Path(os.path.realpath(root))
    placed: dict[str, str] = {}
    end = time.monotonic() + 3 * timeout_s
    answer: dict[str, Any] = {}
    for _ in range(tries):
        wait_s = min(timeout_s, end - time.monotonic())
        if wait_s <= 0:
            break
        answer = _run(root, application, python, placed, wait_s)
        wants = {name: value for name, value in _wants(answer).items() if placed.get(name) != value}
        if not wants:
            break
        placed |= wants
    if "error" in answer:
        return Told(application, placed=placed, problem=_problem(answer["error"], root))
    placed = {**answer.get("placed", {}), **placed}
    routes = tuple(_route(one, answer["kind"], root, application) for one in answer["routes"])
    return Told(
        application, routes, answer["kind"], answer["openapi"], placed, None, str(answer.get("unsaid", ""))
    )


def _wants(answer: Mapping[str, Any]) -> dict[str, str]:
    wants = answer.get("error", {}).get("wants") or {}
    return {str(name): str(value) for name, value in wants.items()}


def _problem(error: Mapping[str, Any], root: Path) -> Problem:
    return Problem(error["said"], _place(error["file"], error["line"], root) if error["file"] else None)


def _route(told: Mapping[str, Any], kind: str, root: Path, application: Application) -> Route:
    """A route; one whose handler is not the project's own stands where the application does."""
    place = _place(told["file"], told["line"], root, told["handler"])
    if not place.path or Path(place.path).is_absolute() or "site-packages" in place.path:
        place = application.place
    return Route(
        method=told["method"],
        path=told["path"],
        handler=told["handler"],
        place=place,
        framework=kind,
        found_by="import",
        guards=tuple(told["guards"]),
        body=told["body"],
    )


def _place(file: str, line: int, root: Path, symbol: str = "") -> Place:
    path = Path(file)
    inside = path.relative_to(root) if file and path.is_relative_to(root) else path
    return Place(inside.as_posix() if file else "", line, symbol)


def _run(
    root: Path, application: Application, python: str, placed: Mapping[str, str], timeout_s: float
) -> dict[str, Any]:
    """One try. Whatever it started in its process group is gone afterwards."""
    asked = {
        "target": application.target,
        "settings": application.settings,
        "root": str(root),
        "paths": _paths(root, application),
        "lenient": bool(placed),
    }
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(
            [python, "-I", "-B", "-c", _START, str(_PACKAGE), json.dumps(asked), str(writing)],
            cwd=root / application.folder,
            env={name: os.environ[name] for name in _KEPT if name in os.environ}
            | {**application.env, **placed},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=(writing,),
            start_new_session=True,
        )
    except OSError as error:
        os.close(reading)
        os.close(writing)
        return _failed(f"{python}: {error.strerror or error}")
    os.close(writing)
    try:
        return _answer(process, reading, timeout_s)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(reading)
        if process.stderr is not None:
            process.stderr.close()


def _paths(root: Path, application: Application) -> Sequence[str]:
    """Where imports are looked for first: the folder the command is run from, then the usual ones."""
    folders = (root / application.folder, root / application.folder / "src", root, root / "src")
    return [str(one) for one in dict.fromkeys(folders) if one.is_dir()]


def _answer(process: subprocess.Popen[bytes], reading: int, timeout_s: float) -> dict[str, Any]:
    assert process.stderr is not None
    said, complaint = bytearray(), bytearray()
    end = time.monotonic() + timeout_s
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ, said)
        selector.register(process.stderr, selectors.EVENT_READ, complaint)
        while any(key.fd == reading for key in selector.get_map().values()):
            left_s = end - time.monotonic()
            if left_s <= 0:
                return _failed(f"importing it took longer than {timeout_s:.0f} s")
            ready = selector.select(min(left_s, _LOOK_S))
            if not ready and process.poll() is not None:
                break
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK_BYTES)
                key.data.extend(chunk)
                if not chunk:
                    selector.unregister(key.fileobj)
            del complaint[:-_COMPLAINT_LIMIT_BYTES]
            if len(said) > _ANSWER_LIMIT_BYTES:
                return _failed("it tells more routes than can be read")
    return _read(bytes(said), bytes(complaint))


def _read(said: bytes, complaint: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(said)
    except ValueError:
        lines = complaint.decode("utf-8", "replace").strip().splitlines()
        return _failed(lines[-1][:400] if lines else "the interpreter ended without a word")
    return answer if isinstance(answer, dict) else _failed("it answered with no table")


def _failed(said: str) -> dict[str, Any]:
    return {"error": {"said": said, "file": "", "line": 0, "wants": {}}}
