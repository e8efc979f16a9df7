"""Each hardening of the hardened example, taken back alone, brings its own finding back.

That none of these findings is there while every hardening stands is what `test_exact_findings.py`
shows over all seams and faults. Here one fault each is enough to be quick: the first that the missing
piece can no longer bear.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .exploring import EXAMPLES, QUICK, copy, explore

Found = list[tuple[str, str, str]]

STEP = "POST /orders"
SIDE_BY_SIDE = 3
HARDENINGS: dict[str, Mapping[str, str]] = {
    one["name"]: one
    for one in tomllib.loads((EXAMPLES / "orders_hardened" / "hardenings.toml").read_text())["hardening"]
}


@dataclass(frozen=True, slots=True)
class Narrow:
    """The one fault to explore with, and the operations it then tears."""

    seam: str
    fault: str
    operations: tuple[str, ...]
    budget_s: str = "4"


CHARGE = ("POST /v1/charges",)
EVERY_STATEMENT = ("BEGIN", "COMMIT", "INSERT orders")
# A wait without a bound takes the whole budget, twice at each crossing; 2 s is above the 1.5 s of the
# hardened deadlines. A database's refusal to connect needs no wait and no open transaction.
NARROW = {
    "a deadline for the provider": Narrow("payments", "hang", CHARGE, "2"),
    "a deadline for the database": Narrow("db", "hang", EVERY_STATEMENT, "2"),
    # Only a lost acknowledgement makes an honest client repeat an order that was stored.
    "one order for each idempotency key": Narrow("db", "reply_lost", ("COMMIT",)),
    "a repeat returns the first order": Narrow("db", "reply_lost", ("COMMIT",)),
    "the provider is given the idempotency key": Narrow("db", "connection_refused", ("CONNECT",)),
    "a provider that cannot be reached is an answer": Narrow("payments", "connection_refused", CHARGE),
    "a provider that is late is an answer": Narrow("payments", "hang", CHARGE),
    "a provider's refusal to serve is an answer": Narrow("payments", "status", CHARGE),
    "a provider's lying success is not believed": Narrow("payments", "malformed", CHARGE),
    "a database that fails is an answer": Narrow("db", "connection_refused", ("CONNECT",)),
    # The pool hands out a cut connection first; the caller who tries again meets the closed port.
    "so is one that cannot be reached": Narrow("db", "connection_refused", ("CONNECT",)),
    "a lost database is not blamed on the caller": Narrow("db", "connection_refused", ("CONNECT",)),
    "a provider's outage is not blamed on the caller": Narrow("payments", "connection_refused", CHARGE),
    "an order that was not stored is not confirmed": Narrow("db", "connection_refused", ("CONNECT",)),
    "the database's words stay inside": Narrow("db", "connection_refused", ("CONNECT",)),
}


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Found]]]:
    """What was found without each hardening; side by side, for most of the time is waiting."""
    root = tmp_path_factory.mktemp("hardenings")
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        yield {name: pool.submit(without, name, root / str(number)) for number, name in enumerate(HARDENINGS)}
        pool.shutdown(cancel_futures=True)


def without(name: str, to: Path) -> Found:
    """(code, step, operation) of every finding in a copy that lacks one hardening."""
    hardening, narrow = HARDENINGS[name], NARROW[name]
    folder = copy("orders_hardened", to)
    file = folder / hardening["file"]
    assert file.read_text().count(hardening["hardened"]) == 1
    file.write_text(file.read_text().replace(hardening["hardened"], hardening["plain"]))
    options = ["--seam", narrow.seam, "--fault", narrow.fault, "--budget", narrow.budget_s]
    report: dict[str, Any] = explore(folder, *options, *QUICK)
    (workflow,) = report["workflows"]
    return sorted((f["code"], f["step"], f["operation"]) for f in workflow["findings"])


@pytest.mark.parametrize("name", HARDENINGS)
def test_a_hardening_taken_back_brings_exactly_its_own_finding_back(
    name: str, explored: Mapping[str, Future[Found]]
) -> None:
    code = HARDENINGS[name]["brings_back"]

    assert explored[name].result() == sorted((code, STEP, operation) for operation in NARROW[name].operations)
