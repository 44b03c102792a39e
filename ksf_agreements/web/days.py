"""Dates as people type them and as pages write them: Norwegian order always, whatever language the browser has.

A field of the browser's own for dates shows 2 March as 03/02/2026 to one who has an English browser; a text field with
2.3.2026 in it can be read in one way only.
"""

from __future__ import annotations

import re
from datetime import date

from ksf_agreements.domain.dates import as_iso
from ksf_agreements.domain.values import Fault, cited, parse_iso_date
from ksf_agreements.text import T


def written(day: date | None) -> str:
    """Return a date as Norwegian pages write it, 31.12.2029; a dash for none."""
    return f"{day.day}.{day.month}.{day.year}" if day else "–"


def read_day(text: str) -> date:
    """Return the date that was typed; raise `Fault` for what is none, or could be two (a year of two digits)."""
    plain = " ".join(text.split())
    if (iso := as_iso(plain)) is not None:
        return parse_iso_date(iso)
    message = T("'{value}' is not a date", value=cited(text))
    raise Fault("not-a-date", message, T("Write day, month and year, for example 20.11.2026."))


def day_typed(text: str) -> str:
    """Return a day that is written 31.12.2029, 31/12/2029 or 31. desember 2029 as 2029-12-31; all else as it is."""
    iso = as_iso(text)
    try:
        return date.fromisoformat(iso).isoformat() if iso else text
    except ValueError:
        return text


def day_shown(text: str) -> str:
    """Return 2029-12-31 as 31.12.2029; all else as it is."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
    return f"{int(found[3])}.{int(found[2])}.{found[1]}" if found else text
