"""Excel workbooks: texts that stay exactly what they are, real dates, one look, and the same bytes every time.

A text is never a formula, whatever it begins with; what a workbook cannot carry is refused, never changed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final, TypeAlias

from ksf_agreements.domain.values import cited
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T

Value: TypeAlias = "str | int | date | None"

TEXT_LIMIT: Final = 32_767
DATE_FORMAT: Final = "dd.mm.yyyy"
TEXT_FORMAT: Final = "@"
_WIDEST = 60
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LOOKS_LIKE_A_FORMULA = ("=", "+", "-", "@", "'", "\t")
_FONT = "Calibri"
_DARK, _LINES, _INPUT, _QUIET = "1F4E5F", "B7C9CE", "FFF9E5", "5F6B6F"


class WorkbookError(KsfError):
    """A text that no workbook can carry; nothing was written."""

    exit_code = 1


class Look(StrEnum):
    """How a cell looks and what it is for."""

    TITLE = "title"
    HEADING = "heading"
    TEXT = "text"
    QUIET = "quiet"
    INPUT = "input"
    LABEL = "label"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and its width in characters (0: as its content asks)."""

    heading: str
    width: int = 0


@dataclass(frozen=True, slots=True)
class TableSheet:
    """A sheet that is one table; `name` is how formulas call the table."""

    title: str
    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]


def put(cell: Any, value: Value, look: Look = Look.TEXT) -> None:
    """Write a value into a cell as what it is, and give it its look. Raises `WorkbookError`."""
    _dress(cell, look)
    if isinstance(value, str):
        if value:
            cell.value = ""
            cell._value = _carried(value)
            cell.data_type = "s"
        if look is not Look.LINK:
            cell.number_format = TEXT_FORMAT
        cell.quotePrefix = value.startswith(_LOOKS_LIKE_A_FORMULA)
    elif isinstance(value, date):
        cell.value = value
        cell.number_format = DATE_FORMAT
        cell.alignment = left_aligned()
    elif value is not None:
        cell.value = value
        cell.alignment = left_aligned()


def left_aligned() -> Any:
    """Return the alignment of what stands beside texts."""
    from openpyxl.styles import Alignment

    return Alignment(horizontal="left", vertical="top", wrap_text=True)


def _carried(text: str) -> str:
    """Return a text as a workbook stores it (ECMA-376, ST_Xstring). Raises `WorkbookError`."""
    if (found := _NOT_XML.search(text)) is not None:
        raise WorkbookError(
            T(
                "The text '{text}' has an invisible character ({character}) that no workbook can carry. Nothing was "
                "written. Write the text again by hand.",
                text=cited(_NOT_XML.sub("?", text)),
                character=f"U+{ord(found[0]):04X}",
            )
        )
    if len(text) > TEXT_LIMIT:
        raise WorkbookError(
            T(
                "A text of {length} characters is longer than a cell can be ({limit}). Nothing was written.",
                length=len(text),
                limit=TEXT_LIMIT,
            )
        )
    return _LOOKS_ESCAPED.sub("_x005F_", text).replace("\r", "_x000D_")


def _dress(cell: Any, look: Look) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

    side = Side(style="thin", color=_LINES)
    cell.alignment = Alignment(vertical="top", wrap_text=look is not Look.TITLE)
    match look:
        case Look.TITLE:
            cell.font = Font(name=_FONT, bold=True, size=16, color=_DARK)
        case Look.HEADING:
            cell.font = Font(name=_FONT, bold=True, color="FFFFFF")
            cell.fill = PatternFill("solid", fgColor=_DARK)
            cell.alignment = Alignment(vertical="center", wrap_text=True)
        case Look.QUIET:
            cell.font = Font(name=_FONT, color=_QUIET)
        case Look.LABEL:
            cell.font = Font(name=_FONT, bold=True, color=_DARK)
        case Look.LINK:
            cell.font = Font(name=_FONT, color="0563C1", underline="single")
        case Look.INPUT:
            cell.fill = PatternFill("solid", fgColor=_INPUT)
            cell.border = Border(left=side, right=side, top=side, bottom=side)
            cell.protection = Protection(locked=False)
        case _:
            pass


def add_table(book: Any, made: TableSheet) -> Any:
    """Add a sheet with one table: filters, bands, frozen headings, and print setup. Raises `WorkbookError`."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.table import Table, TableStyleInfo

    sheet = book.create_sheet(made.title)
    for number, column in enumerate(made.columns, 1):
        put(sheet.cell(1, number), column.heading, Look.HEADING)
        longest = max((_width(row[number - 1]) for row in made.rows), default=0)
        word = max(map(len, column.heading.split()))
        width = column.width or min(_WIDEST, max(longest, word + 5))  # the button of the filter takes its place
        sheet.column_dimensions[get_column_letter(number)].width = width + 2
    for place, row in enumerate(made.rows or [[None] * len(made.columns)], 2):
        for number, value in enumerate(row, 1):
            put(sheet.cell(place, number), value)
    last = f"{get_column_letter(len(made.columns))}{max(2, len(made.rows) + 1)}"
    table = Table(displayName=made.name, ref=f"A1:{last}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
    sheet.add_table(table)
    sheet.freeze_panes = "B2"
    sheet.row_dimensions[1].height = 48
    set_print(sheet, "1:1")
    return sheet


def _width(value: Value) -> int:
    if isinstance(value, date):
        return len(DATE_FORMAT) + 1
    return max((len(line) for line in str(value).split("\n")), default=0) if value is not None else 0


def set_print(sheet: Any, headings: str = "", *, landscape: bool = True) -> None:
    """Let a sheet print on A4, as wide as the paper, with the rows ``headings`` on each page and its number below."""
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top = sheet.page_margins.bottom = 0.6
    if headings:
        sheet.print_title_rows = headings
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "&P / &N"
    sheet.oddFooter.left.size = sheet.oddFooter.right.size = 9


def new_book() -> Any:
    """Return a workbook without sheets."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    return book


def written(book: Any, day: date, title: str, properties: Mapping[str, str] | None = None) -> bytes:
    """Return a workbook's bytes: they depend on its content and on ``day`` alone.

    ``properties`` become the file's own (File, Info, Advanced properties).
    """
    from openpyxl.packaging.custom import StringProperty
    from openpyxl.writer.excel import ExcelWriter

    about = book.properties
    about.creator, about.title = "ksf-agreements", title
    about.created = about.modified = datetime.combine(day, time())
    for name, value in (properties or {}).items():
        book.custom_doc_props.append(StringProperty(name=name, value=value))
    first = io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(first, "w", zipfile.ZIP_DEFLATED)).save()
    with zipfile.ZipFile(first) as source:
        return _packed((name, _finished(name, source.read(name))) for name in source.namelist())


def _packed(parts: Iterable[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            entry = zipfile.ZipInfo(name)  # of 1980: no clock
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            archive.writestr(entry, data)
    return target.getvalue()


_AFTER = re.compile(rb"</headerFooter>")
_ALL = (
    b'</headerFooter><ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1" twoDigitTextYear="1"/>'
    b"</ignoredErrors>"
)


def _finished(name: str, data: bytes) -> bytes:
    """Return a part; in a sheet, Excel is told not to mark texts that look like numbers, which openpyxl cannot."""
    return _AFTER.sub(_ALL, data, count=1) if name.startswith("xl/worksheets/sheet") else data
