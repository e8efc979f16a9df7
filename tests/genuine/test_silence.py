"""Injected equals genuine where nothing comes: a stalled statement is one to a server that stands still."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
import pytest

from ripstop import faults
from ripstop.model.fault import FaultSpec

from .conftest import Rival, Shop

GUARD = "-c statement_timeout=100"
PATIENCE_S = 0.6
"""Six times what the server's own guard takes to strike."""


def outcome(url: str, freeze: Callable[[int], object], thaw: Callable[[], object]) -> str:
    """How a guarded statement ends while nothing comes from the server: the error's name, or not at all."""
    with ThreadPoolExecutor(1) as worker, psycopg.connect(url, autocommit=True, options=GUARD) as connection:
        freeze(connection.info.backend_pid)
        asked: Future[object] = worker.submit(connection.execute, "SELECT n FROM stock")
        try:
            asked.result(PATIENCE_S)
            return "answered"
        except TimeoutError:
            return "silent"
        except psycopg.Error as error:
            return type(error).__name__
        finally:
            thaw()
            asked.exception(5)


def test_a_stall_is_a_server_that_stands_still_and_its_own_guard_with_it(shop: Shop, rival: Rival) -> None:
    stopped: list[int] = []

    def freeze(pid: int) -> None:
        stopped.append(pid)
        os.kill(pid, signal.SIGSTOP)

    genuine = outcome(shop.address.url, freeze, lambda: os.kill(stopped[0], signal.SIGCONT))
    injection = shop.arm(faults.stall(), "SELECT stock")
    injected = outcome(shop.url, lambda _: None, shop.heal)

    assert injected == genuine == "silent"
    assert shop.fired(injection)


@pytest.mark.parametrize(("spec", "ended"), [(faults.hang(), "QueryCanceled"), (None, "answered")], ids=str)
def test_where_the_server_lives_its_guard_strikes(
    shop: Shop, rival: Rival, spec: FaultSpec | None, ended: str
) -> None:
    arm = (lambda _: shop.arm(spec, "SELECT stock")) if spec else lambda _: None

    assert outcome(shop.url, arm, shop.heal) == ended
