"""The faults of a crossing that was only read from code."""

from __future__ import annotations

import pytest

from ripstop.cli.offering import faults_at
from ripstop.model.survey import Place, Reach
from ripstop.model.trace import Kind

HERE = Place("app.py", 1)


@pytest.mark.parametrize(
    ("protocol", "operation", "kind", "some"),
    [
        ("http", "POST /v1/charges", Kind.CALL, {"reply_lost", "status", "hang", "connection_refused"}),
        ("postgres", "INSERT orders", Kind.WRITE, {"connection_lost", "sqlstate"}),
        ("postgres", "COMMIT", Kind.COMMIT, {"reply_lost", "connection_lost"}),
        ("postgres", "CONNECT", Kind.CONNECT, {"connection_refused", "stale_connection"}),
        ("redis", "SET", Kind.WRITE, {"readonly", "hang"}),
    ],
)
def test_a_crossing_is_offered_what_can_happen_to_it_each_once(
    protocol: str, operation: str, kind: Kind, some: set[str]
) -> None:
    found = faults_at(Reach(protocol, operation, kind, HERE, target="orders"))

    assert some <= set(found)
    assert len(found) == len(set(found))


def test_a_read_does_not_lose_a_commit_and_another_kind_of_server_has_no_faults() -> None:
    assert "reply_lost" not in faults_at(Reach("postgres", "SELECT orders", Kind.READ, HERE, target="orders"))
    assert faults_at(Reach("mongodb", "insert orders", Kind.WRITE, HERE)) == ()
