"""Reads the cells of a filled form as a cluster file writes them, forgiving where only one thing can be meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ksf_agreements.domain.member_form import CHOICES, Kind
from ksf_agreements.domain.values import Email, Fault, Line, Paragraphs
from ksf_agreements.i18n import LANGUAGES, translator
from ksf_agreements.loading.cells import NO, YES, choice, day
from ksf_agreements.loading.sheets import Cell, ErrorValue, Formula
from ksf_agreements.text import T

_LINE, _PARAGRAPHS, _EMAIL = (TypeAdapter[str](one) for one in (Line, Paragraphs, Email))


def checked(cell: Cell) -> Cell:
    """Return a cell that holds a value. Raises `Fault` for a formula and an error."""
    if isinstance(cell, Formula):
        mend = T("Write the value itself; copy the cell and paste it as a value.")
        raise Fault("formula", T("the cell has a formula, which is not read"), mend)
    if isinstance(cell, ErrorValue):
        raise Fault("excel-error", T("the formula in the cell has an error ({text})", text=str(cell)))
    return cell


def text_of(cell: Cell) -> str:
    """Return a cell as a text without blanks around it; a whole number is one too. Raises `Fault`."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, bool | float | date | time | timedelta):
        mend = T("Format the cell as text, and write it again.")
        raise Fault("not-text", T("this must be a text, and Excel has made it something else"), mend)
    return unicodedata.normalize("NFC", str(cell)).strip()


def _valid(adapter: TypeAdapter[str], text: str) -> str:
    try:
        return adapter.validate_python(text)
    except ValidationError as fault:
        found: Any = fault.errors()[0]["ctx"]["error"]
        raise found from None


def _line(cell: Cell, _: Sequence[str]) -> str:
    return _valid(_LINE, text_of(cell))


def _paragraphs(cell: Cell, _: Sequence[str]) -> str:
    return _valid(_PARAGRAPHS, text_of(cell).replace("\r\n", "\n"))


def _email(cell: Cell, _: Sequence[str]) -> str:
    text = text_of(cell)
    return _valid(_EMAIL, text[7:].strip() if text[:7].casefold() == "mailto:" else text)


def _phone(cell: Cell, known: Sequence[str]) -> str:
    """Return a phone number; one that Excel has made a number is the file's own where the digits are the same."""
    text = _valid(_LINE, text_of(cell))
    if isinstance(cell, str):
        return text
    return next((one for one in known if re.sub(r"[^0-9]", "", one).lstrip("0") == text), text)


def _day(cell: Cell, _: Sequence[str]) -> str:
    return day(cell).isoformat()


def _chooser(kind: Kind) -> Callable[[Cell, Sequence[str]], str]:
    more = {Kind.YES_NO: {word: "true" if value else "false" for word, value in {**YES, **NO}.items()}}
    shown = CHOICES[kind]
    words: dict[str, object] = {**{value: value for value in shown}, **more.get(kind, {})}
    for value, text in shown.items():
        words |= {translator(language)(text): value for language in LANGUAGES}
    parse = choice(words, T("Write one of: {names}", names=tuple(shown.values())))
    return lambda cell, _: str(parse(cell))


PARSERS: Mapping[Kind, Callable[[Cell, Sequence[str]], str]] = {
    Kind.LINE: _line,
    Kind.PARAGRAPHS: _paragraphs,
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.DATE: _day,
    **{kind: _chooser(kind) for kind in CHOICES},
}
"""How each kind of field is read: from a cell and the texts that the file has there. Each raises `Fault`."""
