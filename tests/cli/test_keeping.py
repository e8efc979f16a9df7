"""What an exploration leaves is laid over what earlier ones left, and loses nothing it was not asked for."""

from __future__ import annotations

from typing import Any

from ripstop.cli.keeping import _joined

PLACE = {"step": "POST /orders", "seam": "db", "operation": "COMMIT", "nth": 1, "params": {}}


def cell(
    fault: str, mark: str, note: str = "", *, after: tuple[str, ...] = (), tries: int = 1
) -> dict[str, Any]:
    return {**PLACE, "fault": fault, "mark": mark, "note": note, "with": list(after), "tries": tries}


def left_out(fault: str) -> dict[str, Any]:
    return cell(fault, "not exercised", "filtered")


def test_what_this_exploration_saw_replaces_what_an_earlier_one_did() -> None:
    assert _joined([cell("hang", "torn")], [cell("hang", "held")]) == [cell("hang", "held")]


def test_what_it_was_not_asked_for_stays_as_an_earlier_one_left_it() -> None:
    earlier = [
        cell("hang", "torn", tries=0),
        cell("hang", "held"),
        cell("slow", "not exercised", "not-fired"),
    ]

    assert _joined(earlier, [left_out("hang"), left_out("slow")]) == earlier


def test_a_pair_stays_where_its_second_fault_was_not_asked_for_and_goes_where_it_was() -> None:
    earlier = [cell(fault, "held", after=("slow at db: BEGIN",)) for fault in ("hang", "reply_lost")]
    now = [left_out("hang"), cell("reply_lost", "held")]

    assert earlier[0] in _joined(earlier, now)
    assert earlier[1] not in _joined(earlier, now)


def test_what_nobody_ever_saw_is_told_as_left_out_once() -> None:
    assert _joined([], [left_out("hang"), left_out("hang")]) == [left_out("hang")]
