"""A date as people type it: 2026-11-20, as a date field sends it, or 20.11.2026, as Norwegians write it."""

from __future__ import annotations

import re
from datetime import date

from ksf_agreements.domain.values import Fault, cited, parse_iso_date
from ksf_agreements.text import T

_NORWEGIAN = re.compile(r"(\d{1,2})[./]\s?(\d{1,2})[./]\s?(\d{4})", re.ASCII)
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}", re.ASCII)


def read_day(text: str) -> date:
    """Return the date that was typed; raise `Fault` for what is none, or could be two (a year of two digits)."""
    plain = " ".join(text.split())
    if found := _NORWEGIAN.fullmatch(plain):
        day, month, year = found.groups()
        return parse_iso_date(f"{year}-{month:0>2}-{day:0>2}")
    if _ISO.fullmatch(plain):
        return parse_iso_date("-".join(part.zfill(2) for part in plain.split("-")))
    message = T("'{value}' is not a date", value=cited(text))
    raise Fault("not-a-date", message, T("Write day, month and year, for example 20.11.2026."))
