"""The small values that fields are made of: lines, paragraphs, dates, addresses; each refuses what it cannot be.

A validator raises `Fault`, which carries a sentence and its mend; pydantic hands it on inside its own error, and
`loading.faults` gives it the file's line. Nothing here changes a value: it is taken as it stands or refused.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, WithJsonSchema

from ksf_agreements.text import T, Text

LINE_LIMIT = 500
PARAGRAPHS_LIMIT = 20_000
CITED_LIMIT = 80

# What XML 1.0 cannot carry, what no reader sees (C0, C1), line breaks other than \n, and the direction overrides
# that make a text read otherwise than it is stored.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NORWEGIAN_DATE = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_](?:[\w-]*[^\W_])")
_EMAIL_LIMIT = 254
_YES_NO = {"true": True, "false": False, "ja": True, "nei": False}


class Fault(ValueError):
    """A value that a field cannot take: a stable code, the sentence, and the mend."""

    def __init__(self, code: str, message: Text, mend: Text | None = None) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.mend = mend


def unprintable(text: str) -> str:
    """Return the first character of ``text`` that a document cannot carry, as 'U+0007', or ''."""
    found = _UNPRINTABLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in ``text``: spaces, and signs that take no place, such as U+200B."""
    # Nearly all texts begin with a letter or a digit.
    return not text[:1].isalnum() and all(sign.isspace() or unicodedata.category(sign) == "Cf" for sign in text)


def cited(text: str) -> str:
    """Return ``text`` as a message quotes it: the beginning of a long one, on one line."""
    line = text.replace("\n", " ")
    return line if len(line) <= CITED_LIMIT else f"{line[: CITED_LIMIT - 1]}…"


def _text(value: object, limit: int) -> str:
    if not isinstance(value, str):
        raise Fault("not-text", T("this must be a text"), T("Write one text after the colon."))
    if is_blank(value):
        raise Fault("blank", T("the text is blank"), T("Write the text, or remove the line."))
    if character := unprintable(value):
        raise Fault(
            "control-character",
            T(
                "the text has an invisible character that a document cannot carry ({character})",
                character=character,
            ),
            T("Write the text again by hand, instead of pasting it."),
        )
    if len(value) > limit:
        raise Fault(
            "too-long",
            T("the text is too long: {length} characters, at most {limit}", length=len(value), limit=limit),
            T("Make it shorter, or attach it as an annex."),
        )
    return value


def _line(value: object) -> str:
    text = _text(value, LINE_LIMIT)
    if "\n" in text:
        raise Fault("line-break", T("the text must stand on one line"), T("Remove the line break."))
    return text


def parse_iso_date(value: object) -> date:
    """Return the date of ``2029-12-31``; raise `Fault` for any other writing and for days that do not exist."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise Fault("not-a-date", T("this must be a date"), _date_mend(""))
    text = value
    if _ISO_DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise Fault(
                "no-such-date",
                T("the date {date} does not exist", date=text),
                T("Check day and month; February has 29 days only in leap years."),
            ) from None
    raise Fault("not-a-date", T("'{value}' is not a date", value=cited(text)), _date_mend(text))


def _date_mend(text: str) -> Text:
    if norwegian := _NORWEGIAN_DATE.fullmatch(text.strip()):
        day, month, year = (int(part) for part in norwegian.groups())
        try:
            return T("Write it as {date} (year-month-day).", date=date(year, month, day).isoformat())
        except ValueError:
            pass
    return T("Write year-month-day, for example 2029-12-31.")


def _yes_no(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _YES_NO:
        return _YES_NO[value]
    said = T("'{value}' is neither true nor false", value=cited(value if isinstance(value, str) else "..."))
    raise Fault("not-yes-or-no", said, T("Write true or false."))


def _email(value: object) -> str:
    text = _line(value)
    local = text.partition("@")[0]
    dots = ".." in local or local.startswith(".") or local.endswith(".")
    unseen = not text.isascii() and any(unicodedata.category(sign) == "Cf" for sign in text)
    if len(text) > _EMAIL_LIMIT or dots or unseen or not _EMAIL.fullmatch(text):
        raise Fault(
            "not-an-email",
            T("'{value}' cannot be an e-mail address", value=cited(text)),
            T("Write it as name@example.no, with nothing around it."),
        )
    return text


def _municipality_number(value: object) -> str:
    text = _line(value)
    if re.fullmatch(r"[0-9]{4}", text):
        return text
    mend = T("Write the number with four digits, for example \"4601\"; 'ksf municipalities NAME' finds it.")
    if re.fullmatch(r"[0-9]{3}", text):
        mend = T('Municipality numbers have four digits: did you mean "{number}"?', number=f"0{text}")
    raise Fault("not-a-municipality-number", T("'{value}' is not a municipality number", value=cited(text)), mend)


def _county_number(value: object) -> str:
    text = _line(value)
    if not re.fullmatch(r"[0-9]{2}", text):
        raise Fault(
            "not-a-county-number",
            T("'{value}' is not a county number", value=cited(text)),
            T('Write two digits, for example "46" for Vestland.'),
        )
    return text


def _annex_path(value: object) -> str:
    text = _line(value)
    parts = re.split(r"[\\/]", text)
    if "\\" in text or ":" in text or text.startswith("/") or any(part in {"", ".", ".."} for part in parts):
        raise Fault(
            "annex-outside",
            T("the annex '{value}' must be a file inside the workspace", value=cited(text)),
            T("Put the file in the folder annexes and write annexes/NAME.pdf."),
        )
    if not text.lower().endswith((".pdf", ".docx")):
        raise Fault(
            "annex-type",
            T("the annex '{value}' is neither PDF nor DOCX", value=cited(text)),
            T("Save the annex as PDF or DOCX."),
        )
    return text


def _paragraphs(value: object) -> str:
    return _text(value, PARAGRAPHS_LIMIT)


def _json(**schema: str | int) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **schema})


Line: TypeAlias = Annotated[str, BeforeValidator(_line), _json(minLength=1, maxLength=LINE_LIMIT)]
"""A text on one line, at most 500 characters, not blank."""
Paragraphs: TypeAlias = Annotated[str, BeforeValidator(_paragraphs), _json(minLength=1, maxLength=PARAGRAPHS_LIMIT)]
"""A text of one or more lines, at most 20,000 characters, not blank."""
IsoDate: TypeAlias = Annotated[date, BeforeValidator(parse_iso_date)]
"""A calendar date written year-month-day."""
YesNo: TypeAlias = Annotated[bool, BeforeValidator(_yes_no)]
"""true or false (or ja, nei)."""
Email: TypeAlias = Annotated[
    str, BeforeValidator(_email), _json(pattern="^[^@ ]+@[^@ ]+[.][^@ ]+$", maxLength=_EMAIL_LIMIT)
]
"""An e-mail address (the shape of one; nobody is asked)."""
MunicipalityNumber: TypeAlias = Annotated[str, BeforeValidator(_municipality_number), _json(pattern="^[0-9]{4}$")]
"""Four digits, as in the municipality register."""
CountyNumber: TypeAlias = Annotated[str, BeforeValidator(_county_number), _json(pattern="^[0-9]{2}$")]
"""Two digits."""
AnnexPath: TypeAlias = Annotated[
    str, BeforeValidator(_annex_path), _json(pattern="[.]([pP][dD][fF]|[dD][oO][cC][xX])$")
]
"""A PDF or DOCX inside the workspace, relative to it, with forward slashes."""
