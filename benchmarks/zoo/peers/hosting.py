"""Run as a script in a project's folder: holds the service open in its usual set-up, and lets a peer at it.

The workflow's test runs first, green and without faults, so that there is something in the database, its
doubles have been used, and credentials are known. Then the peer's command runs against the service in the
test's place, with no fault of ours. What it caused is counted at the doubles and in the rows.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest

from ripstop.model.http import Exchange
from ripstop.model.state import Effect
from ripstop.suite.plugin import RIG
from ripstop.suite.workflows import workflow_of

# Last, so that the project's own packages come first.
sys.path.append(str(Path(__file__).parents[3]))
recording = importlib.import_module("benchmarks.zoo.peers.recording")

_USUAL = {
    *("accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"),
    *("transfer-encoding", *recording.OWN_HEADERS),
}
_OPEN_S = 5.0


@dataclass(slots=True)
class Hosting:
    """The plugin that puts the peer in the test's place. ``told`` is what came of it."""

    work: Path
    module: str
    tools: dict[str, str]
    limit_s: float
    beside: subprocess.Popen[bytes] | None = None
    told: dict[str, Any] = field(default_factory=dict)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        if workflow_of(pyfuncitem) is None or self.told:
            return None
        names = pyfuncitem._fixtureinfo.argnames
        pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
        rig = pyfuncitem.config.stash[RIG]
        exchanges = [one for one in rig.caller.exchanges if one.phase == "call"]
        url = rig.service.url
        schema, source = _schema(url, exchanges, self.work)
        before = rig.observe()
        peer = importlib.import_module(self.module)
        if self.beside is not None:
            self.beside.send_signal(signal.SIGUSR2)
        ended, seconds = self._run(peer.command(url, schema, _headers(exchanges), self.work, self.tools))
        rig.settle()
        after = rig.observe()
        self.told = {
            "schema": source,
            "exit_code": ended,
            "seconds": round(seconds, 1),
            "effects": _counted(after.effects[len(before.effects) :]),
            "repeated": _counted(_repeated(after.effects)),
            "rows": len(after.changes) - len(before.changes),
        }
        return True

    def _run(self, command: Sequence[str]) -> tuple[int | None, float]:
        """The peer's exit code, None where it had to be killed, and its seconds."""
        began = time.monotonic()
        with running(command, self.work, "peer.log") as peer:
            ended = _ended(peer, self.limit_s)
        return ended, time.monotonic() - began


@contextlib.contextmanager
def running(command: Sequence[str], work: Path, log: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is gone afterwards, whatever happens."""
    with (work / log).open("wb") as out:
        child = subprocess.Popen(command, cwd=work, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def _ended(peer: subprocess.Popen[bytes], limit_s: float) -> int | None:
    """Whose time is over is asked to stop, and may still write its report."""
    for seconds in (limit_s, _OPEN_S):
        try:
            return peer.wait(seconds)
        except subprocess.TimeoutExpired:
            peer.send_signal(signal.SIGINT)
    return None


def _schema(url: str, exchanges: Sequence[Exchange], work: Path) -> tuple[Path, str]:
    """The framework's own document; the project's; else one written from what was recorded. And which."""
    path = work / "openapi.json"
    answer = httpx.get(f"{url}/openapi.json", timeout=_OPEN_S, trust_env=False)
    if answer.is_success:
        path.write_text(answer.text)
        return path, "framework"
    written = Path("openapi.json")
    if written.exists():
        path.write_text(written.read_text())
        return path, "project"
    path.write_text(json.dumps(recording.document(exchanges)))
    return path, "recorded"


def _headers(exchanges: Sequence[Exchange]) -> dict[str, str]:
    """What the workflow's own requests carry besides the usual: its credentials."""
    return {
        name: value for one in exchanges for name, value in one.request.headers if name.lower() not in _USUAL
    }


def _counted(effects: Iterable[Effect]) -> dict[str, int]:
    return dict(Counter(f"{one.seam}: {one.kind}" for one in effects))


def _repeated(effects: Iterable[Effect]) -> list[Effect]:
    """Every effect that an earlier one of the same kind and data has already been."""
    seen: Counter[str] = Counter()
    again = []
    for one in effects:
        what = f"{one.seam} {one.kind} {json.dumps(dict(one.data), sort_keys=True, default=str)}"
        seen[what] += 1
        if seen[what] > 1:
            again.append(one)
    return again


def main(spec: str) -> int:
    """Host what the file ``spec`` describes; what came of it goes to ``told.json`` in its work folder."""
    asked = json.loads(Path(spec).read_text())
    work = Path(asked["work"])
    signal.signal(signal.SIGTERM, _as_interrupt)
    hosting = Hosting(work, asked["module"], asked["tools"], asked["limit_s"])
    with contextlib.ExitStack() as around:
        if asked["beside"]:
            hosting.beside = around.enter_context(running(asked["beside"], work, "beside.log"))
        code = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist"], plugins=[hosting])
    if hosting.told:
        (work / "told.json").write_text(json.dumps(hosting.told))
    return int(code)


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
