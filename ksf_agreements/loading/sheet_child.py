"""Reads a workbook from outside in a bounded child; what goes between parent and child is JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from ksf_agreements.bounded import run_bounded
from ksf_agreements.errors import Problem
from ksf_agreements.loading.sheets import Book, Cell, ErrorValue, Formula, Sheet, read_book
from ksf_agreements.text import Text


def read_workbook(data: bytes) -> tuple[Book, tuple[Problem, ...]]:
    """Return a workbook read exactly, or why it cannot be read. Raises `bounded.BoundedError`."""
    said = json.loads(run_bounded(__name__, data))
    sheets = tuple(
        Sheet(name, tuple((number, tuple(map(_cell, cells))) for number, cells in rows))
        for name, rows in said["sheets"]
    )
    problems = tuple(
        Problem(code, _text(message), _text(mend) if mend else None, line=line)
        for code, message, mend, line in said["problems"]
    )
    return Book(sheets, said["properties"]), problems


def main(data: bytes) -> bytes:
    """Answer in the child."""
    book, problems = read_book(data)
    said = {
        "sheets": [
            (one.name, [(number, list(map(_said, cells))) for number, cells in one.rows]) for one in book.sheets
        ],
        "properties": dict(book.properties),
        "problems": [
            (one.code, _told(one.message), _told(one.mend) if one.mend else None, one.line) for one in problems
        ],
    }
    return json.dumps(said).encode()


def _said(cell: Cell) -> Any:
    if isinstance(cell, Formula):
        return {"formula": str(cell)}
    if isinstance(cell, ErrorValue):
        return {"error": str(cell)}
    if isinstance(cell, datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, date):
        return {"date": cell.isoformat()}
    if isinstance(cell, time):
        return {"time": cell.isoformat()}
    return {"seconds": cell.total_seconds()} if isinstance(cell, timedelta) else cell


_KINDS: Mapping[str, Callable[[Any], Cell]] = {
    "formula": Formula,
    "error": ErrorValue,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda seconds: timedelta(seconds=seconds),
}


def _cell(said: Any) -> Any:
    if isinstance(said, dict):
        ((kind, value),) = said.items()
        return _KINDS[kind](value)
    return said


def _told(text: Text) -> Any:
    return [text.msgid, [(name, _told(one) if isinstance(one, Text) else one) for name, one in text.args]]


def _text(said: Any) -> Text:
    msgid, args = said
    return Text(msgid, tuple((name, _text(one) if isinstance(one, list) else one) for name, one in args))
