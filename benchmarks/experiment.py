"""What an experiment costs beside the two requests it is made of, sent to the same service bare.

Side by side in one run: the example's service twice, once behind the seams and explored, once
with its own database and nothing between (the same double, warm pools). Only faults that neither
wait nor make the service start or connect anew count.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx

from ripstop import config as configuration
from ripstop.explore import baseline as baselines
from ripstop.explore import planning
from ripstop.explore.options import Options
from ripstop.model.plan import Plan
from ripstop.model.trace import CLIENT
from ripstop.rig.parts import bare
from ripstop.rig.rig import Rig
from ripstop.suite.running import ItemRunner
from ripstop.suite.session import hand_over

_EXAMPLE = Path(__file__).parents[1] / "examples" / "orders"
_RECONNECTING = {"connection_lost", "connection_refused", "stale_connection", "pool_exhausted", "reply_lost"}
_ROUNDS = 12
_TARGET = 1.5


def measure() -> Iterator[tuple[str, float, float]]:
    """(name, value, target): the median experiment as a multiple of its two bare requests."""
    config = configuration.load(_EXAMPLE)
    ratios: list[float] = []
    rig = Rig.start(config)
    try:
        with bare(config) as url:
            hand_over([str(_EXAMPLE)], rig, lambda runners: ratios.extend(_ratios(runners, url)))
    finally:
        rig.close()
    yield "experiment", statistics.median(ratios), _TARGET


def _ratios(runners: Sequence[ItemRunner], url: str) -> Iterator[float]:
    (runner,) = runners
    baseline, _ = baselines.take(runner, Options())
    candidates, _ = planning.singles(baseline, runner.facts, Options())
    plans = [c.plan for c in candidates if _quick(c)]
    with httpx.Client(base_url=url, trust_env=False) as client:
        for _ in range(3):
            _two_requests(client)
        for _ in range(_ROUNDS):
            pairs = [
                (_timed(partial(_two_requests, client)), _timed(partial(_explored, runner, plan)))
                for plan in plans
            ]
            direct, explored = zip(*pairs, strict=True)
            yield statistics.median(explored) / statistics.median(direct)


def _quick(candidate: planning.Candidate) -> bool:
    name, own_side = candidate.fault.name, candidate.crossing.protocol == CLIENT
    slow = candidate.fault.waits or candidate.strikes or name in ("slow", "race")
    return not slow and not own_side and name not in _RECONNECTING


def _explored(runner: ItemRunner, plan: Plan) -> None:
    record = runner.run(plan)
    assert record.fired
    assert record.retry is not None


def _two_requests(client: httpx.Client) -> None:
    order = {"userId": "u-1", "amountCents": 4200, "idempotencyKey": str(uuid4())}
    for _ in range(2):
        assert client.post("/orders", json=order).status_code == 201


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
