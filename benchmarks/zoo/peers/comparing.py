"""One peer on both sides of a pair: it finds the bug where it reports there what it does not on the twin.

Failures of one name are told apart by how many distinct ones the peer itself counts.

The twin has no defect at its seams, so whatever a peer reports there is, as far as seams go, a false alarm.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from benchmarks.zoo.layout import lay_out
from benchmarks.zoo.pairs import Pair
from benchmarks.zoo.peers import chaos, portman, schemathesis
from benchmarks.zoo.running import Children, environment

LIMIT_S = 20.0
_AROUND_S = 60.0
_SCRIPT = Path(__file__).with_name("hosting.py")


class Peer(Protocol):
    """What a peer's module says: how it is run, and what it reported in the folder it ran in."""

    __name__: str

    def command(
        self, url: str, schema: Path, headers: Mapping[str, str], work: Path, tools: Mapping[str, str]
    ) -> Sequence[str]: ...

    def failures(self, work: Path) -> dict[str, int]: ...


PEERS: Mapping[str, Peer] = {
    "schemathesis": schemathesis,
    "portman": portman,
    "toxy + schemathesis": chaos,
}
_BESIDE: Mapping[str, Callable[[Path, Mapping[str, str]], list[str]]] = {"toxy + schemathesis": chaos.beside}


@dataclass(frozen=True, slots=True)
class Visit:
    """A peer's run against one side: what it reported, what it caused at the doubles and in the rows."""

    failures: Mapping[str, int] = field(default_factory=dict)
    effects: Mapping[str, int] = field(default_factory=dict)
    repeated: Mapping[str, int] = field(default_factory=dict)
    rows: int = 0
    seconds: float = 0.0
    schema: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """``only_bug``: reported on the bug side alone, or in more ways. Not ``applies``: the peer cannot run."""

    peer: str
    bug: Visit
    twin: Visit
    applies: bool = True

    @property
    def only_bug(self) -> tuple[str, ...]:
        return tuple(sorted(Counter(self.bug.failures) - Counter(self.twin.failures)))

    @property
    def found(self) -> bool:
        return self.applies and not self.twin.problem and bool(self.only_bug)

    @property
    def false_alarms(self) -> int:
        return len(self.twin.failures)


def compare(name: str, pair: Pair, work: Path, children: Children, tools: Mapping[str, str]) -> Compared:
    """Run one peer against both sides of a pair, each on a fresh set-up."""
    visits = [_visit(name, pair, side, work, children, tools) for side in ("bug", "twin")]
    bug, twin = (visit or Visit() for visit in visits)
    return Compared(name, bug, twin, applies=None not in visits)


def _visit(
    name: str, pair: Pair, side: str, work: Path, children: Children, tools: Mapping[str, str]
) -> Visit | None:
    """None where the peer does not apply to this service."""
    peer = PEERS[name]
    place = work / name.replace(" ", "")
    folder = lay_out(pair, side, place)
    own = place / f"{pair.name}-{side}.peer"
    own.mkdir()
    beside = _BESIDE[name](folder, tools) if name in _BESIDE else None
    if beside == []:
        return None
    spec = own / "spec.json"
    asked = {"work": str(own), "module": peer.__name__, "tools": dict(tools), "limit_s": LIMIT_S}
    spec.write_text(json.dumps({**asked, "beside": beside or []}))
    code = children.run(
        [sys.executable, "-P", str(_SCRIPT), str(spec)],
        cwd=folder,
        env=environment(),
        log=own / "hosting.log",
        limit_s=LIMIT_S + _AROUND_S,
    )
    return read(own, peer, code)


def read(own: Path, peer: Peer, code: int | None) -> Visit:
    """What a visit left in its folder."""
    told = own / "told.json"
    if not told.exists():
        return Visit(problem=f"the service could not be hosted (exit code {code})")
    values: dict[str, Any] = json.loads(told.read_text())
    reported = values.pop("exit_code") is not None and (own / "report.json").exists()
    return Visit(
        failures=peer.failures(own), **values, problem="" if reported else f"no report within {LIMIT_S:g} s"
    )
