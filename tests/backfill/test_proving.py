"""A test is kept only if it passes every time and fails by an assertion when its fault is off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from ripstop.backfill.candidate import FINDING, PIN, Candidate
from ripstop.backfill.encode import Call
from ripstop.backfill.proving import (
    ASSERTION,
    ERROR,
    NOT_FIRED,
    PASSED,
    Case,
    Item,
    Proof,
    Result,
    prove,
)

from .shop import LOST, RESET, injection


def item(kind: str = PIN, *, seam: str = "db", faults: tuple[object, ...] = (LOST,)) -> Item:
    test = Candidate("test_a", kind, "w", injection(seam=seam), faults, (), Call("f"), ())  # type: ignore[arg-type]
    return Item("file", "test_a", kind, candidate=test)


def proved(one: Item, armed: Sequence[str], disarmed: str = ASSERTION) -> Proof:
    """Prove with these verdicts: one word for all armed runs, or one for each, for each fault."""
    calls: list[bool] = []

    def run(_: Mapping[str, str], off: bool, __: bool) -> Mapping[Case, Result]:
        calls.append(off)
        word = disarmed if off else armed[min(calls.count(False), len(armed)) - 1]
        size = max(one.cases, 1)
        words = word.split("|") if "|" in word else [word] * size
        return {("file", "test_a", index): Result(w, "said") for index, w in enumerate(words)}

    return prove([one], lambda asked, off: {"file": ""}, run)


def test_a_pin_that_passes_three_times_and_fails_disarmed_is_kept() -> None:
    assert proved(item(), [PASSED]).items == [item()]


@pytest.mark.parametrize(
    ("armed", "disarmed", "why"),
    [
        ([ASSERTION], ASSERTION, "does not pass every time"),
        ([PASSED, PASSED, ASSERTION], ASSERTION, "does not pass every time"),
        ([NOT_FIRED], ASSERTION, "does not pass every time"),
        ([PASSED], PASSED, "still passes with its fault off"),
        ([PASSED], ERROR, "an error, not in an assertion"),
        ([ERROR], ASSERTION, "an error, not in an assertion"),
    ],
)
def test_a_pin_that_does_not_qualify_is_dropped_with_its_reason(
    armed: list[str], disarmed: str, why: str
) -> None:
    proof = proved(item(), armed, disarmed)

    assert not proof.items
    assert why in proof.lost[0][1]


@pytest.mark.parametrize(
    ("armed", "why"),
    [
        ([PASSED], "passes now"),
        ([NOT_FIRED], "did not fire"),
        ([ERROR], "an error"),
        ([ASSERTION, PASSED], "passes"),
    ],
)
def test_a_findings_test_must_fail_each_time_and_for_the_right_reason(armed: list[str], why: str) -> None:
    proof = proved(item(FINDING), armed)

    assert not proof.items
    assert why in proof.lost[0][1]


def test_a_findings_test_that_fails_by_an_assertion_is_kept() -> None:
    assert proved(item(FINDING), [ASSERTION], PASSED).items


def test_only_the_faults_that_do_not_qualify_leave_a_shared_test() -> None:
    proof = proved(item(faults=(LOST, RESET)), [f"{PASSED}|{ASSERTION}", PASSED])

    assert proof.items[0].candidate is not None
    assert proof.items[0].candidate.faults == (LOST,)
    assert proof.lost[0][0].candidate is not None
    assert proof.lost[0][0].candidate.faults == (RESET,)


def test_a_repetition_that_nothing_can_disprove_is_dropped() -> None:
    assert "able to fail" in proved(item(seam="client"), [PASSED]).lost[0][1]
