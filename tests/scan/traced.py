"""What reading tells beside what really crossed: requests are run, code is read, both compared.

``python -m tests.scan.traced`` prints the table. Compared are the pairs of protocol and operation of each
route: of the trace what reads, writes or calls, since beginnings, ends, settings and a driver's own questions
are the libraries' affair and follow from those.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ripstop.model.survey import Reach, Route
from ripstop.model.trace import Kind
from ripstop.scan import files
from ripstop.scan.code import Codebase
from ripstop.scan.flow import flow
from ripstop.scan.javascript import reading as javascript
from ripstop.scan.python import reading as python
from ripstop.scan.routes import express, finding, sites

from ..acceptance.exploring import copy
from ..packages import node_modules

ROOT = Path(__file__).parents[2]
RECORDING = Path(__file__).with_name("recording.py")
COMPARED = frozenset({Kind.READ, Kind.WRITE, Kind.CALL})
_HOLE = re.compile(r"\\\{[^{}]*\\\}")
_NTH = re.compile(r" \(\d+\)$")
"""Which time a step is: of the same request again."""
_AT_ONCE = 2
_LIMIT_S = 120

Pair = tuple[str, str]
"""Protocol and operation."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service in this repository, and requests that lead through all of its branches worth the name."""

    folder: str
    requests: Sequence[Sequence[Any]]

    @property
    def name(self) -> str:
        return self.folder.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Compared:
    """One route: ``crossed`` in the trace, ``told`` by reading."""

    service: str
    route: str
    crossed: frozenset[Pair]
    told: frozenset[Pair]

    @property
    def missed(self) -> frozenset[Pair]:
        return frozenset(pair for pair in self.crossed if not any(matches(one, pair) for one in self.told))

    @property
    def invented(self) -> frozenset[Pair]:
        return frozenset(one for one in self.told if not any(matches(one, pair) for pair in self.crossed))


ORDER = {"userId": "u-1", "amountCents": 4200, "idempotencyKey": "key-1"}
ORDERS = (("GET", "/health", None, None), ("POST", "/orders", ORDER, None), ("POST", "/orders", ORDER, None))
EXAMPLES = tuple(
    Service(f"examples/{name}", ORDERS)
    for name in ("orders", "orders_flask", "orders_django", "orders_express", "orders_hardened")
)
_ANN = {"Authorization": "Bearer ann", "Idempotency-Key": "key-1"}
_BEN = {"Authorization": "Bearer ben"}
_TEA = {"sku": "tea-7", "quantity": 12, "tip": 150, "note": "no sugar", "table": "window"}
_TOKEN = {"Authorization": "ann-token"}
_SEAT = {"guest": "g-1", "screening": "dune", "token": "t-1"}
EVERY_SEAM = Service(
    "tests/acceptance/every_seam",
    (("POST", "/orders", {"seat": "B12", "cents": 4200}, _ANN), ("GET", "/orders/{id}", None, _BEN)),
)
OTHERS = (
    Service(
        "tests/acceptance/outbox",
        (("POST", "/orders", {"key": "k-1", "item": "kettle"}, None),) * 2,
    ),
    Service(
        "tests/acceptance/kiosk",
        (
            ("GET", "/sound/menu", None, _TOKEN),
            ("POST", "/sound/orders", _TEA, _TOKEN),
            ("GET", "/sound/orders/{id}", None, _TOKEN),
            ("DELETE", "/sound/orders/{id}", None, _TOKEN),
            ("POST", "/slack/late", _TEA, None),
            ("POST", "/slack/raw", {"sku": "tea-7", "quantity": 12}, None),
            ("GET", "/slack/orders/{id}", None, _TOKEN),
            ("POST", "/slack/orders/{id}/cancel", None, _TOKEN),
        ),
    ),
    Service("tests/acceptance/sixty", (("POST", "/batches", {"key": "k-1"}, None),)),
    Service("tests/acceptance/remembering", (("POST", "/payments", {"key": "k-1"}, None),)),
    Service(
        "tests/acceptance/renamed",
        (
            ("PUT", "/screenings/dune", {"feePence": 950}, None),
            ("POST", "/seats", _SEAT, None),
            ("DELETE", "/screenings/dune", None, None),
        ),
    ),
)


def matches(told: Pair, crossed: Pair) -> bool:
    """Whether a crossing is one that was told; a hole stands for any value."""
    pattern = _HOLE.sub("[^ ]+?", re.escape(told[1]))
    return told[0] == crossed[0] and re.fullmatch(pattern, crossed[1]) is not None


def compare(services: Iterable[Service]) -> list[Compared]:
    """Every route that was asked, of each service."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [one for found in pool.map(_compared, services) for one in found]


def precision(found: Iterable[Compared]) -> float:
    """The share of what was told that crossed."""
    told, invented = _counts((len(one.told), len(one.invented)) for one in found)
    return 1 - invented / told if told else 1.0


def recall(found: Iterable[Compared]) -> float:
    """The share of what crossed that was told."""
    crossed, missed = _counts((len(one.crossed), len(one.missed)) for one in found)
    return 1 - missed / crossed if crossed else 1.0


def _counts(pairs: Iterator[tuple[int, int]]) -> tuple[int, int]:
    whole = wrong = 0
    for first, second in pairs:
        whole, wrong = whole + first, wrong + second
    return whole, wrong


def _compared(service: Service) -> list[Compared]:
    with tempfile.TemporaryDirectory() as home:
        folder = copy(ROOT / service.folder, Path(home))
        code, routes = read(folder)
        if (folder / "package.json").exists():
            (folder / "node_modules").symlink_to(node_modules(folder / "package.json"))
        trace = _recorded(folder, service)
    asked = [f"{method} {path}" for method, path, *_ in service.requests]
    found: dict[str, Compared] = {}
    for step in dict.fromkeys((*(one["step"] for one in trace if one["step"]), *asked)):
        route = _route(_NTH.sub("", step), routes)
        crossed = frozenset(_pair(one) for one in trace if one["step"] == step and _is_compared(one))
        known = found.get(route.operation)
        reached = known.told if known else told(flow(route.handler, code, route.guards))
        whole = crossed | known.crossed if known else crossed
        found[route.operation] = Compared(service.name, route.operation, whole, reached)
    return list(found.values())


def _pair(crossing: dict[str, str]) -> Pair:
    return crossing["protocol"], crossing["operation"]


def _is_compared(crossing: dict[str, str]) -> bool:
    return crossing["kind"] in COMPARED and not crossing["process"]


def told(reaches: Iterable[Reach]) -> frozenset[Pair]:
    """What a flow tells, as pairs."""
    return frozenset((one.protocol, one.operation) for one in reaches if one.kind in COMPARED)


def _recorded(folder: Path, service: Service) -> list[dict[str, str]]:
    command = [sys.executable, str(RECORDING), json.dumps(service.requests)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{service.name}: {done.stderr[-2000:]}")
    trace: list[dict[str, str]] = json.loads(done.stdout)
    return trace


def _route(step: str, routes: Sequence[Route]) -> Route:
    """The route that a step's request went to: of several the most literal."""
    method, _, path = step.partition(" ")
    fitting = [
        route
        for route in routes
        if route.method in (method, "ANY", "*")
        and re.fullmatch(_HOLE.sub("[^/]+", re.escape(route.path)), path)
    ]
    if not fitting:
        raise LookupError(f"no route for {step} among {[route.operation for route in routes]}")
    return min(fitting, key=lambda route: route.path.count("{"))


def read(folder: Path) -> tuple[Codebase, list[Route]]:
    """A project's code in its one language, and its routes by syntax."""
    sources = files.find(folder)
    if sources.python:
        code = python.read(folder, sources.python)
        return code, list(finding.by_syntax(folder, code))
    code = javascript.read(folder, sources.javascript)
    return code, list(sites.told(express.graph(code)))


def _line(one: Compared) -> str:
    wrong = [f"missed {' '.join(pair)}" for pair in sorted(one.missed)]
    wrong += [f"invented {' '.join(pair)}" for pair in sorted(one.invented)]
    numbers = f"{len(one.crossed):>4} {len(one.told):>4} {precision([one]):>5.2f} {recall([one]):>5.2f}"
    return f"{one.service:<16} {one.route:<34}{numbers}  {'; '.join(wrong)}".rstrip()


def table(found: Sequence[Compared]) -> str:
    """A line a route, and the whole."""
    head = f"{'service':<16} {'route':<34}{'seen':>4} {'told':>4} {'prec.':>5} {'rec.':>5}"
    whole = f"{'all':<16} {'':<34}{'':>9} {precision(found):>5.2f} {recall(found):>5.2f}"
    return "\n".join([head, *map(_line, found), whole])


if __name__ == "__main__":
    sys.stdout.write(table(compare((*EXAMPLES, EVERY_SEAM, *OTHERS))) + "\n")
