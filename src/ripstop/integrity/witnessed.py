"""What a pytest session came to, as `ripstop.suite.witness` told it. Data and its reading, no judgment."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ripstop.suite.seal import sealed


@dataclass(frozen=True, slots=True)
class Frame:
    """One entry of a traceback. ``file`` is relative to the project's folder, absolute outside it."""

    file: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception: ``types`` are its class and those it comes from, ``status`` of an answer it carries."""

    types: tuple[str, ...]
    said: str
    frames: tuple[Frame, ...]
    status: int | None = None

    def is_a(self, *names: str) -> bool:
        return any(name in self.types for name in names)


@dataclass(frozen=True, slots=True)
class Phase:
    """One of a test's three: ``setup``, ``call``, ``teardown``.

    ``touched`` tells whether the call reached the project's code or a socket; ``status`` is that of the last
    answer the ``service`` fixture got.
    """

    when: str
    outcome: str
    xfail: bool = False
    raised: Raised | None = None
    touched: bool = False
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Uncollected:
    """A file or class that could not be collected, and why."""

    nodeid: str
    error: str
    said: str


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A session. ``ended`` False: the process died before pytest could say how it went.

    ``status`` is the exit code that pytest announced, ``code`` the one the process ended with;
    ``twice`` is what was told more than once: the end, or phases of a test;
    ``forged`` are the kinds of lines that the witness did not write.
    """

    plugins: tuple[str, ...] = ()
    machinery: Mapping[str, str] = field(default_factory=dict)
    collected: Mapping[str, str] = field(default_factory=dict)
    deselected: tuple[str, ...] = ()
    uncollected: tuple[Uncollected, ...] = ()
    phases: Mapping[str, tuple[Phase, ...]] = field(default_factory=dict)
    ended: bool = False
    status: int = -1
    files: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    tampered: tuple[str, ...] = ()
    said: str = ""
    code: int = -1
    twice: tuple[str, ...] = ()
    forged: tuple[str, ...] = ()

    def passed(self, nodeid: str) -> bool:
        """Whether a test ran and passed in all phases, neither skipped nor expected to fail."""
        phases = self.phases.get(nodeid, ())
        return "call" in {one.when for one in phases} and all(
            one.outcome == "passed" and not one.xfail for one in phases
        )


def read(text: str, said: str = "", code: int = -1, key: str = "") -> Witnessed:
    """A session from its lines, of which those that make no sense are left out.

    ``said`` is what pytest printed, ``code`` its exit code, ``key`` what its lines are sealed with.
    """
    collected: dict[str, str] = {}
    phases: dict[str, list[Phase]] = {}
    uncollected, deselected = [], []
    first: dict[str, Any] = {}
    last: dict[str, Any] = {}
    once: Counter[str] = Counter()
    for line in _lines(text):
        match line["kind"]:
            case "session":
                first = line
            case "collected":
                collected[line["nodeid"]] = line["file"]
            case "deselected":
                deselected.append(line["nodeid"])
            case "not-collected":
                uncollected.append(Uncollected(line["nodeid"], line["error"], line["said"]))
            case "phase":
                once[f"{line['nodeid']} ({line['when']})"] += not line["within"]
                phases.setdefault(line["nodeid"], []).append(_phase(line))
            case "end":
                once["end"] += 1
                last = line
    return Witnessed(
        tuple(first.get("plugins", ())),
        first.get("machinery", {}),
        collected,
        tuple(deselected),
        tuple(uncollected),
        {nodeid: tuple(some) for nodeid, some in phases.items()},
        bool(last),
        last.get("status", -1),
        tuple(last.get("files", ())),
        tuple(last.get("elsewhere", ())),
        tuple(last.get("tampered", ())),
        said,
        code,
        tuple(sorted(name for name, times in once.items() if times > 1)),
        tuple(sorted(set(_forged(text, key)))),
    )


def _forged(text: str, key: str) -> Iterator[str]:
    last = ""
    for line in _lines(text) if key else ():
        seal = sealed(key, last, {name: value for name, value in line.items() if name != "seal"})
        if line.get("seal") == seal:
            last = seal
        else:
            yield str(line["kind"])


def _lines(text: str) -> Sequence[dict[str, Any]]:
    found = []
    for line in text.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue  # The last line of a process that was killed.
        if isinstance(one, dict) and "kind" in one:
            found.append(one)
    return found


def _phase(line: Mapping[str, Any]) -> Phase:
    error = line["error"]
    raised = None
    if error:
        frames = tuple(Frame(one["file"], one["line"], one["function"]) for one in error["frames"])
        raised = Raised(tuple(error["types"]), error["said"], frames, error["status"])
    touched = bool(line["product"] or line["socket"] or line["requests"])
    return Phase(line["when"], line["outcome"], line["xfail"], raised, touched, line["status"])
