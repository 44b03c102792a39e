"""Calendar arithmetic of agreements: Norwegian calendar dates, last days inclusive."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """Return the same day ``months`` later (or earlier, if negative); the month's last day where it has none.

    One year from 29 February ends on 28 February (agreement.md section 4).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_NUMBERS = re.compile(r"([0-9]{1,2})\s*[./]\s*([0-9]{1,2})\s*[./]\s*([0-9]{4})")
_WORDS = re.compile(r"([0-9]{1,2})\.?\s+([a-zæøå]{3,9})\.?\s+([0-9]{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des")


def as_iso(text: str) -> str | None:
    """Return a date that is written as Norwegians do (31.12.2029, 31. desember 2029), or as ISO 8601, as ISO 8601.

    None for all else, and for a year of two digits. Nobody has looked whether there is such a day.
    """
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _NUMBERS.fullmatch(text):
        day, month, year = found.groups()
    elif (found := _WORDS.fullmatch(text.lower())) and found[2][:3] in _MONTHS:
        day, month, year = found[1], str(_MONTHS.index(found[2][:3]) + 1), found[3]
    else:
        return None
    return f"{year}-{month:0>2}-{day:0>2}"
