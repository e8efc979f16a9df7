"""An injected error against the same error when the server really fails, byte by byte on the wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from ripstop.model.fault import SendBackend
from ripstop.wire.postgres.errors import read_fields
from ripstop.wire.postgres.messages import FLUSH, SYNC, query

from .postgres_harness import Made, Proxied
from .postgres_raw import Message, Raw, prepared

TABLES = (
    "CREATE TABLE t (id int PRIMARY KEY)",
    "CREATE TABLE child (id int REFERENCES t DEFERRABLE INITIALLY DEFERRED)",
)


@dataclass(frozen=True)
class Case:
    """``cause`` makes the server fail, ``statements`` are sent either way, the fault hits ``at``."""

    name: str
    cause: tuple[str, ...]
    statements: tuple[str, ...]
    at: str
    nth: int = 1
    before: str = ""


DUPLICATE = ("INSERT INTO t VALUES (2)",)
CASES = [
    Case("alone", DUPLICATE, ("INSERT INTO t VALUES (2)", "SELECT 1"), "INSERT t"),
    Case(
        "in a transaction",
        DUPLICATE,
        ("BEGIN", "INSERT INTO t VALUES (2)", "SELECT 1", "COMMIT", "SELECT 2"),
        "INSERT t",
    ),
    Case(
        "at commit",
        (),
        ("BEGIN", "INSERT INTO child VALUES (9)", "COMMIT", "SELECT 2"),
        "COMMIT",
        before="ROLLBACK",
    ),
]


def each_simply(raw: Raw, statements: tuple[str, ...]) -> list[Message]:
    found: list[Message] = []
    for statement in statements:
        raw.send(query(statement))
        found += raw.until("Z")
    return found


def each_extended(raw: Raw, statements: tuple[str, ...]) -> list[Message]:
    found: list[Message] = []
    for statement in statements:
        raw.send(prepared(statement), SYNC)
        found += raw.until("Z")
    return found


def each_flushed(raw: Raw, statements: tuple[str, ...]) -> list[Message]:
    """The client reads an error before it sends its Sync."""
    found: list[Message] = []
    for statement in statements:
        raw.send(prepared(statement), FLUSH)
        while not found or found[-1][0] not in "CE":
            found.append(raw.one())
        raw.send(SYNC)
        found += raw.until("Z")
    return found


def all_in_one_pipeline(raw: Raw, statements: tuple[str, ...]) -> list[Message]:
    raw.send(*(prepared(statement) for statement in statements), SYNC, prepared("SELECT 3"), SYNC)
    return raw.until("Z") + raw.until("Z")


def a_sync_behind_each(raw: Raw, statements: tuple[str, ...]) -> list[Message]:
    raw.send(*(prepared(statement) + SYNC for statement in statements))
    return [message for _ in statements for message in raw.until("Z")]


def by_single_bytes(raw: Raw, statements: tuple[str, ...]) -> list[Message]:
    sent = b"".join(prepared(statement) + SYNC for statement in statements)
    for at in range(len(sent)):
        raw.send(sent[at : at + 1])
    return [message for _ in statements for message in raw.until("Z")]


WAYS = [each_simply, each_extended, each_flushed, all_in_one_pipeline, a_sync_behind_each, by_single_bytes]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_injected_error_is_the_genuine_one_to_the_byte(
    proxy: Proxied, case: Case, way: Callable[[Raw, tuple[str, ...]], list[Message]]
) -> None:
    proxy.direct("; ".join(TABLES))
    genuine = really(proxy, case, way)
    fields = read_fields(next(body for tag, body in genuine if tag == "E"))
    proxy.direct("DROP TABLE child, t")
    proxy.direct("; ".join(TABLES))
    if case.at == "COMMIT":
        # The injected run may insert what it likes: its transaction is rolled back.
        proxy.direct("INSERT INTO t VALUES (9)")
    proxy.arm(case.at, Made((raising(fields, case.before),)), nth=case.nth)
    raw = Raw(proxy.address)
    injected = way(raw, case.statements)
    raw.close()

    assert injected == genuine
    assert proxy.fired


def really(proxy: Proxied, case: Case, way: Callable[[Raw, tuple[str, ...]], list[Message]]) -> list[Message]:
    for statement in case.cause:
        proxy.direct(statement)
    raw = Raw(proxy.upstream)
    found = way(raw, case.statements)
    raw.close()
    return found


def raising(fields: dict[str, str], before: str) -> SendBackend:
    sql = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{fields['C']}', MESSAGE = 'x'; END $$"
    return SendBackend(sql, {"W": None, **fields}, before=before)
