"""Other people's sessions: seen while they are in a transaction, told apart when they wait, ended."""

from __future__ import annotations

import threading
import time

import pytest


@pytest.fixture
def state(open_state):
    return open_state("CREATE TABLE a (id int); INSERT INTO a VALUES (1)", template=False)[0]


def pid_of(client) -> int:
    return client.run("SELECT pg_backend_pid()")[0][0]


def test_an_open_transaction_is_told_with_its_statement(state, connect):
    client = connect()
    assert state.open_transactions() == ()

    client.run("BEGIN; UPDATE a SET id = 2")
    (line,) = state.open_transactions()

    assert f"pid {pid_of(client)}, idle in transaction" in line
    assert "SELECT pg_backend_pid()" in line or "UPDATE a SET id = 2" in line
    assert state.open_transactions(exclude=[pid_of(client)]) == ()
    client.run("COMMIT")
    assert state.open_transactions() == ()


def test_terminated_sessions_are_gone_when_the_call_returns(state, connect):
    pids = [pid_of(connect()) for _ in range(3)]

    assert state.terminate(pids, timeout_ms=5_000) == ()
    assert connect().run("SELECT pid FROM pg_stat_activity WHERE pid = ANY(:pids)", pids=pids) == []


def test_a_process_that_is_no_backend_needs_no_ending(state):
    assert state.terminate([1], timeout_ms=100) == ()
    assert state.terminate([], timeout_ms=100) == ()


def test_who_waits_for_whom_is_told(state, connect):
    holder, waiter = connect(), connect()
    holder_pid, waiter_pid = pid_of(holder), pid_of(waiter)
    holder.run("BEGIN; UPDATE a SET id = 2")
    waiting = threading.Thread(target=waiter.run, args=("UPDATE a SET id = 3",))
    waiting.start()

    deadline = time.monotonic() + 5
    while not (found := state.blocking(waiter_pid)) and time.monotonic() < deadline:
        time.sleep(0.001)
    holder.run("COMMIT")
    waiting.join(5)

    assert found == (holder_pid,)
    assert state.blocking(waiter_pid) == ()
