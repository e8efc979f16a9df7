"""race: another request is let past."""

from __future__ import annotations

import pytest

from ripstop import faults
from ripstop.errors import UsageError
from ripstop.faults import catalogue
from ripstop.model.fault import Facts, Forward, Yield
from ripstop.model.trace import Crossing, CrossingId, Kind

UPDATE = Crossing(CrossingId("POST /orders", "db", "UPDATE stock"), "postgres", Kind.WRITE)


def test_the_crossing_lets_another_request_go_on_and_then_happens_as_ever() -> None:
    fault = catalogue.build(faults.race(), "postgres")

    assert fault.on_request(UPDATE) == (Yield(), Forward())
    assert fault.on_reply(UPDATE, None) == (Forward(),)


def test_it_is_offered_once_for_each_rival_that_is_known() -> None:
    offered = catalogue.offered(UPDATE, Facts(rivals=("another", "cancel an order")))

    assert [str(f.spec) for f in offered if f.name == "race"] == [
        "race(by=another)",
        "race(by=cancel an order)",
    ]
    assert "race" not in {f.name for f in catalogue.offered(UPDATE, Facts())}


@pytest.mark.parametrize("wrong", [{"order": "sideways"}, {"by": ""}])
def test_an_order_nobody_knows_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError) as told:
        faults.race(**wrong)

    assert told.value.slug == "fault-params"
