"""Dates as people type them and as pages write them: Norwegian order always, whatever language the browser has.

A field of the browser's own for dates shows 2 March as 03/02/2026 to one who has an English browser; a text field with
2.3.2026 in it can be read in one way only.
"""

from __future__ import annotations

import re
from datetime import date

from ksf_agreements.domain.values import Fault, cited, parse_iso_date
from ksf_agreements.text import T

_NUMBERS = re.compile(r"([0-9]{1,2})\s*[./]\s*([0-9]{1,2})\s*[./]\s*([0-9]{4})")
_WORDS = re.compile(r"([0-9]{1,2})\.?\s+([a-zæøå]{3,9})\.?\s+([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_MONTHS = ("jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des")


def written(day: date | None) -> str:
    """Return a date as Norwegian pages write it, 31.12.2029; a dash for none."""
    return f"{day.day}.{day.month}.{day.year}" if day else "–"


def read_day(text: str) -> date:
    """Return the date that was typed; raise `Fault` for what is none, or could be two (a year of two digits)."""
    plain = " ".join(text.split())
    if (iso := _as_iso(plain)) is not None:
        return parse_iso_date(iso)
    message = T("'{value}' is not a date", value=cited(text))
    raise Fault("not-a-date", message, T("Write day, month and year, for example 20.11.2026."))


def day_typed(text: str) -> str:
    """Return a day that is written 31.12.2029, 31/12/2029 or 31. desember 2029 as 2029-12-31; all else as it is."""
    iso = _as_iso(text)
    try:
        return date.fromisoformat(iso).isoformat() if iso else text
    except ValueError:
        return text


def day_shown(text: str) -> str:
    """Return 2029-12-31 as 31.12.2029; all else as it is."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
    return f"{int(found[3])}.{int(found[2])}.{found[1]}" if found else text


def _as_iso(text: str) -> str | None:
    """Return what stands where a date has its day, month and year, in the order of ISO 8601; None for all else."""
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _NUMBERS.fullmatch(text):
        day, month, year = found.groups()
    elif (found := _WORDS.fullmatch(text.lower())) and found[2][:3] in _MONTHS:
        day, month, year = found[1], str(_MONTHS.index(found[2][:3]) + 1), found[3]
    else:
        return None
    return f"{year}-{month:0>2}-{day:0>2}"
