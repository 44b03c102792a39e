"""What libyaml's syntax errors mean in people's words: what somebody did, where, and the mend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from ksf_agreements.errors import Position, Problem
from ksf_agreements.text import T, Text

# The fast loader is in every wheel of PyYAML; a build from source without libyaml has only the slow one.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class _Syntax:
    """libyaml's words for a fault -> what a person did, and the mend; `at_start` places it where the thing began."""

    pattern: str
    message: Text
    mend: Text
    at_start: bool = False


_UNCLOSED_QUOTE = _Syntax(
    r"unexpected end of stream|document indicator",
    T("a quotation mark is not closed"),
    T("Close the quotation mark that was opened."),
    at_start=True,
)
_TEXT_AFTER_QUOTE = _Syntax(
    "",
    T("text stands after a closing quotation mark"),
    T("Put a text that has quotation marks in it between ' and ', or write them as « and »."),
)
_COLON_TOO_MANY = _Syntax(
    r"mapping values are not allowed",
    T("a colon stands where it cannot"),
    T("Put a text that has a colon in it in quotes, and check the indentation."),
)
_COLON_MISSING = _Syntax(
    r"could not find expected ':'",
    T("a colon is missing"),
    T("Write 'key: value', with a space after the colon."),
    at_start=True,
)
_INDENTATION = _Syntax(
    r"block (mapping|collection|sequence)|block end",
    T("the indentation does not fit the lines above"),
    T("Let the keys of one level begin in the same column."),
)
_BRACKET = _Syntax(
    r"flow",
    T("a bracket is not closed"),
    T("Close [ or {{, or put a text that has brackets in it in quotes."),
    at_start=True,
)
_SYNTAX = (
    _Syntax(
        r"control characters|special characters|unacceptable character",
        T("the file has an invisible character that a document cannot carry"),
        T("Write the text on this line again by hand, instead of pasting it."),
    ),
    _COLON_TOO_MANY,
    _Syntax(
        r"cannot start any token|tab character",
        T("a tab or a sign stands where it cannot"),
        T("Indent with spaces, not tabs; put a text that begins with @, ` or % in quotes."),
    ),
    _COLON_MISSING,
    _Syntax(
        r"escape character|hexdecimal|Unicode character escape",
        T("a backslash stands where it cannot"),
        T("Write two backslashes, or put the text between ' and '."),
    ),
    _UNCLOSED_QUOTE,
    _Syntax(
        r"alias|anchor",
        T("a text begins with * or &, which YAML reads as a reference"),
        T("Put the text in quotes."),
    ),
    _INDENTATION,
    _BRACKET,
)
_NO_YAML = _Syntax("", T("the file is not valid YAML here"), T("Check the line and the one above it."))


def syntax_problem(fault: yaml.YAMLError, text: str) -> Problem:
    """Return what somebody did to make libyaml give up, and where."""
    words = " ".join(str(getattr(fault, name, None) or "") for name in ("context", "problem", "reason"))
    found = next((row for row in _SYNTAX if re.search(row.pattern, words)), _NO_YAML)
    mark = getattr(fault, "problem_mark", None)
    if mark is None:
        return _problem(found, (_unreadable_line(fault, text), 1))
    place = mark.line + 1, mark.column + 1
    start = getattr(fault, "context_mark", None)
    if found.at_start and start is not None:
        place = start.line + 1, start.column + 1
    stumbled = mark.line + 1, mark.column + 1
    for begin, end, in_quotes in _scalars(text, stumbled):
        if begin < stumbled and end[0] == stumbled[0] and end <= stumbled:
            found, place = _slip(found, text, (begin, end), in_quotes=in_quotes) or (found, place)
            break
    return _problem(found, place)


def _slip(
    found: _Syntax, text: str, word: tuple[Position, Position], *, in_quotes: bool
) -> tuple[_Syntax, Position] | None:
    """Return what the word that ends just before a fault says about it.

    A forgotten quotation mark is closed by the next one, and a key without its colon goes on into the next line;
    libyaml then stumbles over what comes after.
    """
    begin, end = word
    if in_quotes and found in {_INDENTATION, _BRACKET}:
        return (_UNCLOSED_QUOTE, begin) if begin[0] < end[0] else (_TEXT_AFTER_QUOTE, end)
    begins_line = not text.splitlines()[begin[0] - 1][: begin[1] - 1].strip()
    if not in_quotes and found is _COLON_TOO_MANY and begin[0] < end[0] and begins_line:
        return _COLON_MISSING, begin
    return None


def _scalars(text: str, until: Position) -> Iterator[tuple[Position, Position, bool]]:
    """Yield where texts begin and end, up to a place, and whether they are in quotes; the last ones first."""
    places: list[tuple[Position, Position, bool]] = []
    try:
        for token in yaml.scan(text, Loader=LOADER):
            if place_of(token) > until:
                break
            if isinstance(token, yaml.ScalarToken):
                end = token.end_mark.line + 1, token.end_mark.column + 1
                places.append((place_of(token), end, token.style in {"'", '"'}))
    except yaml.YAMLError:
        pass
    return reversed(places)


def _unreadable_line(fault: yaml.YAMLError, text: str) -> int:
    # A reader error of libyaml counts in bytes, of PyYAML's own reader in characters.
    position = getattr(fault, "position", 0) or 0
    return text.encode("utf-8")[:position].count(b"\n") + 1


def place_of(event: Any) -> Position:
    """Return the place where an event or a token begins, from 1."""
    return event.start_mark.line + 1, event.start_mark.column + 1


def _problem(found: _Syntax, place: Position) -> Problem:
    return Problem("yaml-syntax", found.message, found.mend, line=place[0], column=place[1])
