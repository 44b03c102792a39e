"""Reads the cells of a spreadsheet that somebody sends: XLSX or CSV, bounded, and a fault becomes a problem.

A workbook is a zip of XML that anybody may have made: it is measured before it is unpacked, and what openpyxl says of
a broken one is told as one sentence. An exact reading tells formulas and errors from texts, and takes each text as
Excel does.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from ksf_agreements.domain.paper.rows import Place
from ksf_agreements.domain.values import is_blank
from ksf_agreements.errors import Problem
from ksf_agreements.text import T, Text

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

Cell: TypeAlias = str | int | float | bool | date | time | timedelta | None

_Read = TypeVar("_Read")

BYTES_LIMIT: Final = 10 * 1024 * 1024
UNPACKED_LIMIT: Final = 32 * 1024 * 1024
RATIO_LIMIT: Final = 100
PARTS_LIMIT: Final = 500
ROWS_LIMIT: Final = 20_000
COLUMNS_LIMIT: Final = 64
ENCODINGS: Final = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}
"""How the letters of a CSV file may be stored, by the name that people use."""

_SMALL = 1024 * 1024  # a sheet of equal rows packs well: the ratio of a small one says nothing
_EXCEL_ROWS = 1_048_576
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # XLS, and XLSX with a password
_DELIMITERS = ";,\t"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how a workbook writes what XML cannot carry (ECMA-376, ST_Xstring)
_MACROS = re.compile(r"xl/vbaProject\.bin|xl/macrosheets/.*", re.IGNORECASE)
_TOLD_DELIMITER = re.compile(r'"?sep=(.)"?')  # Excel's own first line


class Formula(str):
    """A cell that an exact reading found to be a formula: never a value, whatever it last gave."""

    __slots__ = ()


class ErrorValue(str):
    """A cell that an exact reading found to be an error, such as #REF!."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one sheet that are not empty, each with its number; `name` is '' for a CSV file."""

    name: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


class _Refused(Exception):
    def __init__(self, code: str, message: Text, mend: Text | None = None, line: int = 0) -> None:
        super().__init__(code)
        place = Place("", line, {})
        self.problem = place.problem(code, message, mend=mend) if line else Problem(code, message, mend)


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook read exactly: its visible sheets, and the texts among its own properties."""

    sheets: tuple[Sheet, ...]
    properties: Mapping[str, str]


def read_book(data: bytes) -> tuple[Book, tuple[Problem, ...]]:
    """Return a workbook read exactly, or why it cannot be read; one with macros is refused."""
    try:
        _check_kind(data)
        if not data.startswith(b"PK"):
            raise _not_a_workbook()
        return _guarded(data, _exact_book), ()
    except _Refused as refused:
        problem = refused.problem
        if problem.code == "not-a-workbook":  # a CSV file, which others may send, is none
            problem = replace(problem, mend=T("Open it in Excel or LibreOffice and save it anew as XLSX."))
        return Book((), {}), (problem,)


def read_sheets(data: bytes, encoding: str = "utf-8") -> tuple[tuple[Sheet, ...], tuple[Problem, ...]]:
    """Return the visible sheets of a workbook, or the one of a CSV file, or why there are none.

    What it is goes by its content. ``encoding`` (of `ENCODINGS`) is that of a CSV file.
    """
    try:
        _check_kind(data)
        if data.startswith(b"PK"):
            return _guarded(data, lambda given: tuple(_sheets(given))), ()
        return (_csv(data, encoding),), ()
    except _Refused as refused:
        return (), (refused.problem,)


def _check_kind(data: bytes) -> None:
    if len(data) > BYTES_LIMIT:
        limit = BYTES_LIMIT // 1024**2
        raise _Refused("too-large", T("the file is larger than {limit} MB", limit=limit))
    if data.startswith(_OLD_EXCEL):
        mend = T("Open it in Excel and save it as an Excel workbook (XLSX), without a password.")
        raise _Refused("old-excel", T("the file is an old Excel file (XLS), or it has a password"), mend)


def is_empty(cell: Cell) -> bool:
    """Whether there is nothing to see in a cell."""
    return cell is None or (isinstance(cell, str) and is_blank(cell))


def _kept(rows: Iterable[tuple[Cell, ...]]) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    """Return the rows that are not empty, with their numbers."""
    found: list[tuple[int, tuple[Cell, ...]]] = []
    for number, row in enumerate(rows, 1):
        if all(map(is_empty, row)):
            continue
        if len(found) == ROWS_LIMIT:
            raise _Refused("too-many-rows", T("there are more than {limit} rows", limit=ROWS_LIMIT), line=number)
        if len(row) > COLUMNS_LIMIT and not all(map(is_empty, row[COLUMNS_LIMIT:])):
            limit = T("there are more than {limit} columns", limit=COLUMNS_LIMIT)
            raise _Refused("too-many-columns", limit, line=number)
        found.append((number, row[:COLUMNS_LIMIT]))
    return tuple(found)


# Workbooks


def _guarded(data: bytes, reader: Callable[[bytes], _Read]) -> _Read:
    # Whoever makes a broken workbook decides which error it gives; openpyxl promises none in particular.
    try:
        _measure(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, on what it does not keep
            return reader(data)
    except (_Refused, MemoryError):
        raise
    except Exception as fault:
        raise _not_a_workbook() from fault


def _not_a_workbook() -> _Refused:
    mend = T("Open it in Excel or LibreOffice and save it anew as XLSX or CSV.")
    return _Refused("not-a-workbook", T("the file is not an Excel workbook (XLSX) that can be read"), mend)


def _measure(data: bytes) -> None:
    """Refuse what would grow beyond measure, before anything of it is parsed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        too_dense = unpacked > _SMALL and unpacked > RATIO_LIMIT * len(data)
        if len(parts) > PARTS_LIMIT or unpacked > UNPACKED_LIMIT or too_dense:
            raise _Refused("bomb", T("the workbook is far larger unpacked than a list of agreements can be"))
        for part in parts:  # zipfile gives no more of a part than its size says
            if b"<!DOCTYPE" in archive.read(part).replace(b"\0", b""):
                raise _Refused("doctype", T("the workbook has definitions of its own (DOCTYPE), which no Excel writes"))


def _sheets(data: bytes) -> Iterator[Sheet]:
    from openpyxl import load_workbook  # slow to import

    book: Workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                # Never by the size that the sheet claims to have: what lies beyond it would be lost.
                rows = sheet.iter_rows(1, _EXCEL_ROWS, 1, COLUMNS_LIMIT + 1, values_only=True)
                yield Sheet(sheet.title, _kept(rows))
    finally:
        book.close()


def _exact_book(data: bytes) -> Book:
    from openpyxl.reader.excel import ExcelReader

    class Reader(ExcelReader):  # type: ignore[misc]  # openpyxl has no types
        def read_strings(self) -> None:
            """Read the shared strings as they stand: openpyxl's own reader takes 'x005F_' out of every text."""
            self.shared_strings = list(_strings(self.package, self.archive))

    if any(_MACROS.fullmatch(name) for name in zipfile.ZipFile(io.BytesIO(data)).namelist()):
        mend = T("Save it as an Excel workbook without macros (XLSX).")
        raise _Refused("macros", T("the workbook has macros, which are never run or read"), mend)
    reader = Reader(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    reader.read()
    book: Workbook = reader.wb
    try:
        properties = {one.name: one.value for one in book.custom_doc_props.props if isinstance(one.value, str)}
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        return Book(tuple(Sheet(sheet.title, _kept(_exact_rows(sheet))) for sheet in visible), properties)
    finally:
        book.close()


def _strings(package: Any, archive: zipfile.ZipFile) -> Iterator[str]:
    from openpyxl.cell.text import Text as CellText
    from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    part = package.find(SHARED_STRINGS)
    if part is None:
        return
    with archive.open(part.PartName[1:]) as source:
        for _, node in iterparse(source):
            if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                yield CellText.from_tree(node).content
                node.clear()


def _exact_rows(sheet: Any) -> Iterator[tuple[Cell, ...]]:
    for row in sheet.iter_rows(1, _EXCEL_ROWS, 1, COLUMNS_LIMIT + 1):
        yield tuple(map(_exact, row))


def _exact(cell: Any) -> Cell:
    value, kind = cell.value, cell.data_type
    if kind == "f":
        return Formula(getattr(value, "text", None) or str(value))
    if kind == "e":
        return ErrorValue(value)
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    if value is None or isinstance(value, (int, float, date, time, timedelta)):
        return value
    return str(value)


# CSV


def _csv(data: bytes, encoding: str) -> Sheet:
    try:
        text = data.decode(ENCODINGS[encoding])
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        if encoding == "utf-8":
            mend = T("Save it as 'CSV UTF-8', or say --encoding windows-1252 if Excel has saved it as plain 'CSV'.")
            raise _Refused("not-utf-8", T("the file is not in UTF-8"), mend, line) from None
        raise _Refused("not-windows-1252", T("the file is not in Windows-1252"), None, line) from None
    lines = text.splitlines()
    told = _TOLD_DELIMITER.fullmatch(lines[0]) if lines else None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=told[1] if told else _delimiter(lines), strict=True)
    try:
        return Sheet("", _kept(_checked(reader)))
    except csv.Error:
        message = T("a quotation mark is not closed, or stands in the middle of a text")
        mend = T('Write a quotation mark in a text twice ("").')
        raise _Refused("quotation-mark", message, mend, reader.line_num) from None


def _delimiter(lines: Iterable[str]) -> str:
    """Return the sign that stands most often in one of the first lines: the headings have it between them."""
    first = list(islice((line for line in lines if line.strip()), 30))
    return max(_DELIMITERS, key=lambda sign: max((line.count(sign) for line in first), default=0))


def _checked(reader: Iterable[list[str]]) -> Iterator[tuple[Cell, ...]]:
    for number, row in enumerate(reader, 1):
        if any("\n" in cell or "\r" in cell for cell in row):
            mend = T("See whether a quotation mark is not closed, and remove line breaks from the cells.")
            raise _Refused("line-break", T("a cell goes on over several lines"), mend, number)
        yield tuple(row)
