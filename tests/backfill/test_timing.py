"""Tests in times to come: a move of the clock in the words a person would use."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ripstop.backfill import timing, writing
from ripstop.backfill.encode import CannotRender, statement
from ripstop.backfill.writing import Material
from ripstop.model.experiment import Moved
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection
from ripstop.model.trace import CrossingId
from ripstop.model.verdict import Finding

from .shop import STEP, done, finding, held

DAY_S = 86_400.0
PLACE = "POST /login /expires_at"
AFTER = FaultSpec.of("after_expiry", of=PLACE, late_s=600)


def moment(fault: FaultSpec) -> Injection:
    return Injection(CrossingId(STEP, "clock", STEP), fault)


def text(one: Finding) -> str:
    made: Any = writing._draft(Material("f", done(findings=(one,))))
    return writing._trial(made, writing._items(made), False)


def torn(
    code: str, fault: FaultSpec, ahead_s: float = DAY_S, to: str = "2028-02-29T11:00:00+00:00"
) -> Finding:
    one = finding(code, where=moment(fault), moved={"ahead_s": ahead_s, "to": to})
    return replace(one, faults=(fault,))


@pytest.mark.parametrize(
    ("fault", "ahead_s", "written"),
    [
        (AFTER, DAY_S + 600.9, "advance(days=1, minutes=10)"),
        (FaultSpec.of("after_expiry", of=PLACE, late_s=1), DAY_S + 0.98, "advance(days=1, seconds=1)"),
        (FaultSpec.of("before_expiry", of=PLACE), DAY_S - 1.2, "advance(hours=23, minutes=59, seconds=58)"),
        (FaultSpec.of("next_day"), DAY_S, "advance(days=1)"),
        (FaultSpec.of("leap_day"), 3e7, "set(datetime(2028, 2, 29, 11, 0, tzinfo=UTC))"),
    ],
    ids=str,
)
def test_a_move_stays_on_its_side_of_the_expiry(fault: FaultSpec, ahead_s: float, written: str) -> None:
    call = timing.move(moment(fault), Moved(ahead_s, "2028-02-29T11:00:00+00:00"))

    assert statement("", call) == f"    seams.clock.{written}"


def test_how_far_must_be_known() -> None:
    with pytest.raises(CannotRender):
        timing.move(moment(AFTER), None)


def test_time_passes_between_what_leads_up_to_the_request_and_the_request() -> None:
    made = text(torn("RS503", AFTER, DAY_S + 600))

    assert "test_place_order_lets_nobody_in_when_something_has_expired(service, seams)" in made
    assert "seams.clock.advance(days=1, minutes=10)\n    response = service.post(" in made.replace(
        "\n\n", "\n"
    )
    assert "assert response.status_code in (401, 403, 404)" in made


def test_a_run_on_another_day_begins_there() -> None:
    made = text(torn("RS101", FaultSpec.of("leap_day"), 3e7))

    assert "from datetime import UTC, datetime" in made
    assert "_on_a_leap_day(service, seams):\n    seams.clock.set(datetime(2028, 2, 29" in made


def test_a_refusal_after_the_expiry_is_kept_as_a_pin() -> None:
    kept = held(moment(AFTER))
    kept = replace(kept, experiment=replace(kept.experiment, moved=Moved(DAY_S + 600, "")))
    made: Any = writing._draft(Material("f", done(held=(kept,))))

    assert "seams.clock.advance(days=1, minutes=10)" in writing._trial(made, writing._items(made), False)
