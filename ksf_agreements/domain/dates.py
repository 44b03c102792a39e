"""Calendar arithmetic of agreements: Norwegian calendar dates, last days inclusive."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """Return the same day ``months`` later (or earlier, if negative); the month's last day where it has none.

    One year from 29 February ends on 28 February (agreement.md section 4).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
