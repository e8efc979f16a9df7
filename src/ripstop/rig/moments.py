"""Moments that break code about time: a 31st, a leap day, a change of the clocks. Pure; all to come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

_NOON = 12
_MOST_DAYS = 9 * 366
_HALF_HOUR = timedelta(minutes=30)
_BEFORE_SHORTER = (1, 3, 5, 8, 10)
"""Months of 31 days that a shorter one follows."""


def named(name: str, now: datetime, zone: str = "") -> datetime | None:
    """The next moment of that name after now, in UTC.

    ``month_end``, ``leap_day``, ``dst_forward`` or ``dst_back``; None where there is none, as in a zone
    whose clocks are not changed.
    """
    where = ZoneInfo(zone) if zone else UTC
    if name == "month_end":
        return _first_noon(now, where, lambda day: day.day == 31 and day.month in _BEFORE_SHORTER)
    if name == "leap_day":
        return _first_noon(now, where, lambda day: (day.month, day.day) == (2, 29))
    return _change(now, where, forward=name == "dst_forward")


def _first_noon(now: datetime, where: tzinfo, wanted: Callable[[datetime], bool]) -> datetime | None:
    return next((day.astimezone(UTC) for day in _noons(now, where) if day > now and wanted(day)), None)


def _noons(now: datetime, where: tzinfo) -> Iterator[datetime]:
    local = now.astimezone(where)
    for number in range(_MOST_DAYS):
        day = local.date() + timedelta(days=number)
        yield datetime(day.year, day.month, day.day, _NOON, tzinfo=where)


def _change(now: datetime, where: tzinfo, *, forward: bool) -> datetime | None:
    """Half an hour before an hour is left out, or half an hour after one began again."""
    for number in range(24 * 366):
        hour = (now + timedelta(hours=number)).replace(minute=0, second=0, microsecond=0)
        before, after = _offset(hour, where), _offset(hour + timedelta(hours=1), where)
        if before != after and (after > before) is forward:
            change = _exactly(hour, where)
            shown = change - _HALF_HOUR if forward else change + _HALF_HOUR
            if shown > now:
                return shown
    return None


def _exactly(hour: datetime, where: tzinfo) -> datetime:
    """The minute at which the offset changes."""
    first = _offset(hour, where)
    minutes = (hour + timedelta(minutes=number) for number in range(61))
    return next(minute for minute in minutes if _offset(minute, where) != first)


def _offset(moment: datetime, where: tzinfo) -> timedelta:
    return moment.astimezone(where).utcoffset() or timedelta()
