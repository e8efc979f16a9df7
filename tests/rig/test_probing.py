"""One request beside a step that waits: served meanwhile, kept until the step was over, or never sent."""

from __future__ import annotations

import threading
import time

import pytest

from ripstop.model.http import Answer
from ripstop.rig.probing import Probe

SERVED = Answer(200)


class Loop:
    """An event loop: serves at once, or where it is blocked once the step is over."""

    def __init__(self, *, blocked: bool, late_s: float = 0.0) -> None:
        self.asked, self.over = threading.Event(), threading.Event()
        self.blocked, self.late_s = blocked, late_s

    def serve(self) -> Answer:
        self.asked.set()
        began = time.monotonic()
        served = not self.blocked or self.over.wait(5)
        threading.Event().wait(self.late_s)
        took_ms = (time.monotonic() - began) * 1_000
        return Answer(200, duration_ms=took_ms) if served else Answer(None, failure="timeout")


def beside(loop: Loop, *, waits_s: float) -> Probe:
    """The probe of a step that goes on for so long once the probe was sent."""
    probe = Probe(lambda: True, loop.serve)
    probe.start()
    assert loop.asked.wait(5)
    loop.over.wait(waits_s)
    loop.over.set()
    probe.stop()
    return probe


@pytest.mark.parametrize("blocked", [True, False])
def test_a_probe_that_is_answered_with_the_step_was_kept_and_one_answered_at_once_was_not(
    *, blocked: bool
) -> None:
    probe = beside(Loop(blocked=blocked), waits_s=0.35)

    assert probe.answer is not None
    assert (probe.answer.status, probe.kept) == (200, blocked)


def test_a_probe_was_kept_though_a_busy_machine_answers_it_a_while_after_the_step() -> None:
    assert beside(Loop(blocked=True, late_s=0.1), waits_s=0.4).kept


def test_a_probe_that_is_slow_by_itself_was_not_kept() -> None:
    assert not beside(Loop(blocked=True, late_s=0.5), waits_s=0.1).kept


def test_a_probe_that_waits_for_a_moment_only_was_not_kept() -> None:
    assert not beside(Loop(blocked=True), waits_s=0.01).kept


def test_a_probe_that_got_no_answer_failed_and_was_not_kept() -> None:
    probe = Probe(lambda: True, lambda: Answer(None, failure="timeout"))
    probe.start()
    while probe.answer is None:
        threading.Event().wait(0.01)
    probe.stop()

    assert not probe.kept


def test_a_step_that_never_met_its_fault_is_not_probed() -> None:
    probe = Probe(lambda: False, lambda: SERVED)
    probe.start()
    probe.stop()

    assert probe.answer is None
