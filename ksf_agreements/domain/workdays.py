"""Norwegian working days: weekdays that are no public holiday.

Holidays by lov om helligdager og helligdagsfred § 2, and 1 and 17 May by lov om 1 og 17 mai som høgtidsdager.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_FIXED = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
_FROM_EASTER = (-3, -2, 0, 1, 39, 49, 50)
_SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Whether ``day`` is from Monday to Friday and no public holiday."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


def next_working_day(day: date) -> date:
    """Return ``day`` itself where it is a working day, else the next one."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=32)
def holidays(year: int) -> frozenset[date]:
    """Return the public holidays of a year that are not merely Sundays."""
    easter = easter_sunday(year)
    movable = (easter + timedelta(days=days) for days in _FROM_EASTER)
    return frozenset((*movable, *(date(year, month, day) for month, day in _FIXED)))


def easter_sunday(year: int) -> date:
    """Return Easter Sunday of a Gregorian year (the algorithm that Meeus and Butcher gave)."""
    cycle, (century, rest) = year % 19, divmod(year, 100)
    moon = (19 * cycle + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (cycle + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
