"""What the cells of somebody's spreadsheet can be read as: a line, a day, one of a few words; a fault is told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

from ksf_agreements.domain.dates import as_iso
from ksf_agreements.domain.folding import fold
from ksf_agreements.domain.values import LINE_LIMIT, Fault, cited, unprintable
from ksf_agreements.loading.sheets import Cell
from ksf_agreements.text import T, Text

_YEARS = range(1990, 2201)
_MIDNIGHT = re.compile(r"[ T]00:00(?::00(?:\.0+)?)?$")
_EXCEL_ERROR = re.compile(r"#[A-ZÆØÅ/0]+[!?]?")

Parse: TypeAlias = Callable[[Cell], Any]


def line(cell: Cell) -> str:
    """Return a text on one line, its blanks single ones. Raises `Fault`."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, bool | date | time | timedelta):
        raise Fault("not-text", T("this must be a text"))
    text = unicodedata.normalize("NFC", " ".join(str(cell).split()))
    if character := unprintable(text):
        said = T("the text has an invisible character ({character})", character=character)
        raise Fault("control-character", said, T("Write the text again by hand, instead of pasting it."))
    if len(text) > LINE_LIMIT:
        said = T("the text is too long: {length} characters, at most {limit}", length=len(text), limit=LINE_LIMIT)
        raise Fault("too-long", said)
    if _EXCEL_ERROR.fullmatch(text):
        raise Fault("excel-error", T("the formula in the cell has an error ({text})", text=text))
    return text


def day(cell: Cell) -> date:
    """Return a date: a real one, or one written 31.12.2029, 31. desember 2029 or 2029-12-31. Raises `Fault`."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return _likely(cell)
    mend = T("Write it as 31.12.2025 or 2025-12-31, or let the cell be a date.")
    if not isinstance(cell, str):
        raise Fault("not-a-date", T("'{value}' is not a date", value=cited(str(cell))), mend)
    text = line(cell)
    iso = as_iso(_MIDNIGHT.sub("", text))
    if iso is None:
        raise Fault("not-a-date", T("'{value}' is not a date", value=cited(text)), mend)
    try:
        return _likely(date.fromisoformat(iso))
    except ValueError as fault:
        if isinstance(fault, Fault):
            raise
        raise Fault("no-such-date", T("the date {date} does not exist", date=text)) from None


def _likely(day: date) -> date:
    if day.year not in _YEARS:
        raise Fault("odd-year", T("the year {year} cannot be right", year=day.year))
    return day


def choice(words: Mapping[str, object], mend: Text) -> Parse:
    """Return what reads one of these words, in any letter case; it raises `Fault` with ``mend`` for all others."""
    folded = {fold(word): value for word, value in words.items()}

    def parse(cell: Cell) -> object:
        text = str(int(cell)) if isinstance(cell, bool) else line(cell)
        if fold(text) not in folded:
            raise Fault("not-a-choice", T("'{value}' cannot stand here", value=cited(text)), mend)
        return folded[fold(text)]

    return parse


def called(sheet: str, index: int, heading: str) -> str:
    """Return what a message calls a column: 'D (Kommune)', by its letter where the sheet has letters."""
    letters, rest = "", index + 1
    while sheet and rest:
        rest, last = divmod(rest - 1, 26)
        letters = chr(ord("A") + last) + letters
    return f"{letters} ({cited(heading)})" if letters else cited(heading)


YES = {"ja": True, "j": True, "x": True, "yes": True, "true": True, "sann": True, "1": True}
NO = {"nei": False, "n": False, "no": False, "false": False, "usann": False, "0": False}
