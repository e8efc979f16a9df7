"""The days that break code about time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ripstop.rig.moments import named

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "zone", "local"),
    [
        ("month_end", "", "2027-01-31T12:00:00+00:00"),
        ("leap_day", "Asia/Tokyo", "2028-02-29T12:00:00+09:00"),
        ("dst_forward", "Europe/Berlin", "2027-03-28T01:30:00+01:00"),
        ("dst_back", "Europe/Berlin", "2027-10-31T02:30:00+01:00"),
        ("dst_forward", "Australia/Lord_Howe", "2027-10-03T01:30:00+10:30"),
    ],
)
def test_the_next_one_is_found_in_its_zone(name: str, zone: str, local: str) -> None:
    found = named(name, NOW, zone)

    assert found is not None
    assert found.astimezone(ZoneInfo(zone or "UTC")).isoformat() == local


def test_a_month_s_end_is_one_that_a_shorter_month_follows() -> None:
    at, months = NOW, []
    for _ in range(5):
        found = named("month_end", at)
        assert found is not None
        months.append(found.month)
        at = found

    assert months == [1, 3, 5, 8, 10]


@pytest.mark.parametrize("zone", ["", "Asia/Tokyo"])
def test_where_clocks_are_not_changed_there_is_no_such_moment(zone: str) -> None:
    assert named("dst_back", NOW, zone) is None


def test_none_is_in_the_past_even_on_the_day_itself() -> None:
    noon = datetime(2027, 1, 31, 12, tzinfo=UTC)

    assert named("month_end", noon - timedelta(hours=1)) == noon
    assert named("month_end", noon) == datetime(2027, 3, 31, 12, tzinfo=UTC)
