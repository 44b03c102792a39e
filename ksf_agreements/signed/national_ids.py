"""Finds Norwegian national identity numbers in a text: they do not belong in a register of agreements.

A number is 11 digits with a date of birth and two control digits that fit: fødselsnummer, D-number or H-number, written
together or as '010190 12345'. Only whether there is one is told; the number goes nowhere.
"""

from __future__ import annotations

import re

from stdnum.exceptions import ValidationError
from stdnum.no import fodselsnummer

# Six digits of a date, five more: with one space, hyphen or full stop between, or the date itself in pairs. Digits that
# go on before or after are another number (an account, a phone with its country, a row of a table).
_GAP = r"[ \u00a0\u2007\u2009\u202f.:\u2010-\u2013-]?"
_NUMBER = re.compile(
    rf"(?<![\d/])(?<!\d[.,-])(?:\d{{6}}|\d\d[ .]\d\d[ .]\d\d)(?:{_GAP})\d{{3}} ?\d\d(?![\d/])(?![.,-]\d)", re.ASCII
)
_LONGEST = 2_000_000


def has_national_id(text: str) -> bool:
    """Whether a text holds at least one national identity number."""
    return any(_is_one("".join(filter(str.isdigit, found[0]))) for found in _NUMBER.finditer(text[:_LONGEST]))


def _is_one(digits: str) -> bool:
    try:
        fodselsnummer.get_birth_date(digits)  # not `validate`: it reads the clock
    except ValidationError:
        return False
    return digits[9:] == fodselsnummer.calc_check_digit1(digits) + fodselsnummer.calc_check_digit2(digits)
