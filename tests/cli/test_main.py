"""What all verbs share: an interrupt ends each of them, wherever it falls."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import pytest

from ripstop.cli import guard
from ripstop.cli.main import main


class Hit:
    """What is being taken away when the interrupt comes: Python reports what a finalizer raises, no more."""

    def __init__(self, problem: BaseException) -> None:
        self.problem = problem

    def __del__(self) -> None:
        raise self.problem


def losing(problem: BaseException) -> int:
    """A verb that loses an exception, and would end well a while after."""
    Hit(problem)
    until = time.monotonic() + 2
    while time.monotonic() < until:
        time.sleep(0.01)
    return 0


def test_an_interrupt_that_falls_into_a_finalizer_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def run(_: Sequence[str]) -> int:
        return losing(KeyboardInterrupt())

    monkeypatch.setattr(guard, "run", run)

    assert main(["guard"]) == 130
    assert capfd.readouterr().err == "ripstop: interrupted; everything it started was stopped\n"


def test_what_else_a_finalizer_raises_is_reported_as_ever(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def run(_: Sequence[str]) -> int:
        Hit(ValueError("odd"))
        return 0

    monkeypatch.setattr(guard, "run", run)
    before = sys.unraisablehook

    assert main(["guard"]) == 0
    assert "ValueError: odd" in capfd.readouterr().err
    assert sys.unraisablehook is before
